"""People who work in a workspace: passwords, invitations, sign-ins, tickets, bearer tokens; and their sites."""
