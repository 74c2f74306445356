/** Top-level domains that make a dotted name a host: the generic ones, private ones, and frequent countries. */
export const HOST_ENDINGS: readonly string[] = (
  'com net org edu gov mil int info biz io arpa local localdomain internal intranet lan home corp ' +
  'cn hk tw jp kr sg in au nz uk ie de at ch nl be fr it es pt se no fi dk pl cz ru ua tr il za br mx ar us ca eu tv cc'
).split(' ');

/** First words of package names, which are written the other way round. */
export const PACKAGE_STARTS: readonly string[] =
  'com org net io java javax sun android kotlin scala akka'.split(' ');

/** Endings that make `name.ending:12` a place in a file rather than a port of a host. */
export const FILE_ENDINGS: readonly string[] = (
  'java scala kt kts py pyx go rs rb js mjs cjs ts tsx jsx c cc cpp cxx h hpp m mm cs vb fs php pl pm sh lua ex exs ' +
  'erl hs ml swift sql xml json yml yaml html css conf cfg ini log txt so dll exe jar lock'
).split(' ');

/** Units of time that may stand apart from their number. */
export const TIME_UNITS: readonly string[] = (
  'ns us ms msec msecs milli millis millisecond milliseconds microsecond microseconds nanosecond nanoseconds ' +
  'sec secs second seconds min mins minute minutes hr hrs hour hours day days'
).split(' ');

export const WEEKDAYS: readonly string[] = 'Mon Tue Wed Thu Fri Sat Sun'.split(' ');

export const MONTHS: readonly string[] = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(
  ' ',
);
