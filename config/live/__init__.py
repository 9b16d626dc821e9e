"""The live side: rooms that sockets watch, and the hub of each process that serves them.

An event is a row first; what runs here only says that there is news. An app registers its kinds
of rooms (`rooms.register`), rings after it has written (`ringing.ring`), and gives its sockets a
`consumers.RoomConsumer`.
"""
