"""Everything `make up` needs: embedded services, the processes of the console, and where they are written down."""
