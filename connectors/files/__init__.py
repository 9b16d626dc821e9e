"""The ground that all connectors of files share: places, reading, and the commit of a folder."""
