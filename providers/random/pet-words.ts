/** Words of pet names: lower case, no separators, nothing that offends. */
const list = (words: string): readonly string[] => words.trim().split(/\s+/u);

export const adverbs = list(`
  always barely boldly briefly brightly calmly clearly closely cosily deeply eagerly early easily equally evenly
  fairly finely firmly fondly freely fully gently gladly greatly happily hardly hugely keenly kindly largely
  lightly loudly mainly mildly mostly nearly neatly nicely nimbly often only openly partly plainly purely quickly
  quietly rarely really richly safely seldom simply slightly slowly smoothly softly soundly steadily surely
  swiftly terribly truly utterly vastly very warmly wholly widely wildly wisely
`);

export const adjectives = list(`
  agile alpine amber ancient autumn azure balmy bold brave breezy bright brisk bronze calm candid careful cheery
  clever coastal cobalt copper coral cosy crimson crisp curious dapper daring dawn deft dusky eager earnest fair
  fearless fluffy foggy fond frosty gallant gentle glad gleaming golden grand green handy happy hardy hazel honest
  humble icy indigo ivory jolly keen kind late leafy lively loyal lucky lunar marble mellow merry mighty misty
  modest mossy nimble noble northern olive orderly patient placid plucky polite proud quick quiet rapid ready
  robust rosy royal ruby rustic sandy sharp shiny silent silver sincere sleek snowy solar southern spry starry
  steady stormy sturdy sunny swift tender tidy timely tranquil upbeat valiant velvet vivid warm wild winter wise
  witty woolly young zesty
`);

export const animals = list(`
  alpaca anteater antelope auk avocet badger bat beaver bee beetle bison bittern boar bobcat bream buffalo bunting
  buzzard camel carp cat chamois cheetah chough cicada cod condor coot cormorant crab crane cricket crow curlew
  deer dingo dipper dolphin donkey dove duck dunlin eagle eel egret elk ermine falcon ferret finch firefly fox
  frog fulmar gannet gazelle gecko gibbon goat goose goshawk grebe grouse gull hamster hare harrier hawk hedgehog
  heron hoopoe horse ibex ibis iguana jackdaw jaguar jay kestrel kingfisher kite kiwi koala lapwing lark lemur
  leopard linnet lion lizard llama lobster lynx magpie mallard marmot marten martin merlin mole moose moth mouse
  newt nightjar nuthatch ocelot octopus okapi osprey otter owl ox panda parrot partridge pelican perch petrel pike
  pipit plover pony puffin quail rabbit raven ray redstart robin roe rook salmon sandpiper seal serval shrew shrike
  siskin skua skylark snipe sparrow squirrel starling stoat stork swallow swan swift tapir teal tern thrush tiger
  toad tortoise trout turtle vole wagtail walrus warbler waxwing weasel whale wigeon wolf wombat woodcock wren yak
  zebra
`);
