"""How much anybody may do: rates, and the algorithm that keeps them."""
