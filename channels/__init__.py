"""The mouths and ears; they know nothing of leases."""
