"""`make soak MINUTES=30`: the whole stack under a steady load. Is its memory flat, is its rate, and is nothing lost?"""
