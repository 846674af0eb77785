"""Drivers of the measurements; no part of the shipped package."""
