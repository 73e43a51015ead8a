const set = (names: string): ReadonlySet<string> => new Set(names.split(' '));

/** Elements without an end tag. */
export const VOID = set(
  'area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr',
);

/** Elements whose content is text without markup. */
export const RAW = set('script style textarea title iframe noembed noframes xmp plaintext');

/** Elements that begin a line of their own, so that they also end an open paragraph. */
export const BLOCK = set(
  'address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure ' +
    'footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol optgroup option p plaintext pre ' +
    'search section summary table tbody td tfoot th thead tr ul xmp',
);

export const HEADING = set('h1 h2 h3 h4 h5 h6');

/** Where main content may lie: elements that only hold others. */
export const CONTAINER = set('html body div section article main form center table tbody tr td span font');

/** Nothing in them is for readers. */
export const UNSEEN = set(
  'head script style noscript template link meta base title param source track col colgroup iframe frame embed audio ' +
    'video datalist noembed noframes area wbr',
);
