"""Telling people: changed credentials to whom they belong, alarms to administrators; by mail and by webhook."""
