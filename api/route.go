package api

// Listener says at which address a route is served.
type Listener uint8

// Listeners.
const (
	Public Listener = iota
	Admin
)

// Need is what a caller must show.
type Need uint8

// Needs.
const (
	NeedNothing  Need = iota // no credential; one that is sent is not looked at
	NeedRead                 // an API key or session with "read"
	NeedTrade                // an API key or session with "trade"
	NeedOperator             // the admin key, or a key with "admin" that was made with it
)

// KeyRule says whether a route takes an Idempotency-Key.
type KeyRule uint8

// Key rules.
const (
	KeyNone     KeyRule = iota // not a mutation
	KeyOptional                // repeating it does nothing more
	KeyRequired                // repeating it without a key would do it twice
)

// Param is a query parameter.
type Param struct {
	Name    string
	Summary string
}

// Route is one row of the table.
type Route struct {
	Name     string // of the operation, unique
	Method   string
	Path     string // a http.ServeMux pattern; each {name} is an identifier
	Listener Listener
	Need     Need
	Key      KeyRule
	IfMatch  bool    // takes If-Match with the version of the resource; 412 when stale
	Proposed bool    // may be kept for another operator to approve: then the status is 202, and the answer has a proposal
	ETag     bool    // answers with the version of the resource, beside what Cacheable says
	Query    []Param // beside Seq, which every read takes
	Request  any     // a zero value of the body's shape; nil: no body
	Answer   any     // a zero value of the answer's shape
	Status   int     // of success
	Summary  string
}

// Mutation reports whether the route changes something.
func (r *Route) Mutation() bool { return r.Key != KeyNone }

// Cacheable reports whether anyone may have the answer, so that caches may keep it. Each use of it is checked first: the
// answer has an ETag, and If-None-Match is answered by 304.
func (r *Route) Cacheable() bool { return r.Need == NeedNothing && !r.Mutation() }

// Headers of the API beside the standard ones.
const (
	HeaderKey    = "Idempotency-Key"
	HeaderSeq    = "Hustings-Seq"     // of an answer
	HeaderMinSeq = "Hustings-Min-Seq" // of a read: wait until the read model has it
)

// Where an exchange explains itself, on both listeners.
const (
	PathOpenAPI = "/api/openapi.json" // the description of this API, OpenAPI 3.1
	PathDocs    = "/docs"             // the reference, for people
	PathErrors  = "/docs/errors"      // the catalogue of errors, with an anchor for each code
)

// ParamSeq is the query parameter that does what HeaderMinSeq does.
const ParamSeq = "seq"

// ParamFresh is the query parameter of a read that must see everything acknowledged before it, by whichever node. "true" has
// the node ask a majority first.
const ParamFresh = "fresh"

// Limits of requests.
const (
	MaxBody    = 64 << 10 // bytes
	MaxDepth   = 8        // of nested arrays and objects
	MaxBatch   = 100      // items
	MaxPage    = 200      // entries
	PageSize   = 50       // entries, where no limit is given
	MaxLevels  = 1_000    // of a book
	BookLevels = 20       // where no depth is given
	MaxKey     = 64       // characters of an idempotency key or client order id
)

// Routes returns the table. The slice is the caller's.
func Routes() []Route {
	var all []Route
	all = append(all, identityRoutes...)
	all = append(all, marketRoutes...)
	all = append(all, orderRoutes...)
	all = append(all, accountRoutes...)
	all = append(all, adminMarketRoutes...)
	all = append(all, adminAccountRoutes...)
	all = append(all, exchangeRoutes...)
	all = append(all, approvalRoutes...)
	all = append(all, watchRoutes...)
	all = append(all, clusterRoutes...)
	return append(all, shardRoutes...)
}

var paging = []Param{
	{"limit", "entries on a page, 1 to 200, by default 50"},
	{"cursor", "next_cursor of the page before"},
}

func paged(params ...Param) []Param { return append(params, paging...) }
