"""The routes of sources and destinations, as the Olake contract has them."""
