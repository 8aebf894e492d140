"""Inspection: pure judgement of a draft and its circumstances, before anything of it is numbered or kept."""
