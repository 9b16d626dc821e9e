"""A list of 100 rows through the whole stack, beside two views as Django REST framework has them."""
