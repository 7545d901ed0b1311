"""The database engine of the settings: Django's own, and one statement may be on its way while Python goes on."""
