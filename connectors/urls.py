"""The paths of sources and destinations."""

from config.api.routing import both
from connectors.views import asking, connections

urlpatterns = [
    *both("sources", connections.Sources.as_view(), name="sources"),
    *both("sources/test", asking.SourceTest.as_view(), name="source-test"),
    *both("sources/<str:connector>/spec", asking.SourceSpec.as_view(), name="source-spec"),
    *both("sources/<id:source>/catalog", asking.SourceCatalog.as_view(), name="source-catalog"),
    *both("sources/<id:source>", connections.Source.as_view(), name="source"),
    *both("destinations", connections.Destinations.as_view(), name="destinations"),
    *both("destinations/test", asking.DestinationTest.as_view(), name="destination-test"),
    *both(
        "destinations/<str:connector>/spec",
        asking.DestinationSpec.as_view(),
        name="destination-spec",
    ),
    *both("destinations/<id:destination>", connections.Destination.as_view(), name="destination"),
]
