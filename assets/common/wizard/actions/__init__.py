"""What the menu opens, by the name that an appliance's console.json uses. Each takes the terminal and the definition."""

from actions.access import access
from actions.login import login
from actions.network import network
from actions.power import power
from actions.restart import restart
from actions.services import services
from actions.support import support

actions = {action.__name__: action for action in (access, login, network, power, restart, services, support)}
