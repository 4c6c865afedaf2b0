"""DietCare: a diet-care backend for people with chronic kidney disease."""
