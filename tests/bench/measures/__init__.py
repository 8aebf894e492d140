"""What is measured, one subject each. Every measure returns plain figures, or raises BenchError."""
