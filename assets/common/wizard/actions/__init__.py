"""
What the menu opens, by the name that an appliance's console.json uses: the function of that name in the module of that
name. Each takes the terminal and the definition. An appliance adds its own beside those that all have.
"""

import importlib
import pkgutil

names = [module.name for module in pkgutil.iter_modules(__path__)]
actions = {name: getattr(importlib.import_module(f"actions.{name}"), name) for name in names}
