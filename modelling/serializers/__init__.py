"""What the modelling routes take and answer, as the OpenAPI document tells it.

Elements are judged by `modelling.schema` and shaped by `modelling.shapes`, for sockets as for REST;
what stands here describes them, and judges what no socket sends.
"""
