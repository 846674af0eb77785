"""Inquiries as people write them, with what a person at the desk would call them. Made up; nobody wrote them to anybody."""
