package openapi

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hustings/hustings/api"
)

// Security schemes.
const (
	traderScheme   = "trader"
	operatorScheme = "operator"
)

const description = `The HTTP API of a prediction-market exchange: JSON over HTTP/1.1.

Identifiers, prices and money are JSON strings; quantities and durations are integers. Every mutation takes an ` + "`Idempotency-Key`" + `: the same key with the same content gets the first answer again, so after a broken connection send the same again. Every refusal is a problem (RFC 9457) with a stable ` + "`code`" + `; its ` + "`type`" + ` leads to the catalogue of errors, and its ` + "`retry`" + ` says whether sending it again can help. Lists have pages: ` + "`next_cursor`" + ` of one is ` + "`cursor`" + ` of the next.

The routes below ` + "`/api/admin`" + ` are served at the operator's address and take the operator's key.`

// Version is that of the API. It changes with every change of the document that a client could notice.
const Version = "1.0.0"

// Servers are by default where hustings run listens.
var (
	publicServer = Server{URL: "http://127.0.0.1:8080", Description: "The public address"}
	adminServer  = Server{URL: "http://127.0.0.1:8081", Description: "The operator's address"}
)

// New returns the document. It is made once and must not be written to.
var New = sync.OnceValues(generate)

func generate() (*Document, error) {
	said, err := readComments()
	if err != nil {
		return nil, err
	}
	g := generator{shapes: newShapes(said), named: map[string]string{}}
	d := &Document{
		OpenAPI: "3.1.0",
		Info: Info{
			Title: "Hustings", Version: Version, Summary: "A prediction-market exchange that holds on election night",
			Description: description, License: License{Name: "Apache 2.0", Identifier: "Apache-2.0"},
		},
		Servers: []Server{publicServer},
	}
	for _, r := range api.Routes() {
		op, err := g.operation(&r)
		if err != nil {
			return nil, fmt.Errorf("describing %s: %w", r.Name, err)
		}
		d.add(r.Path, strings.ToLower(r.Method), op)
	}
	for i := range topics {
		if d.has(topics[i].Name) {
			d.Tags = append(d.Tags, topics[i].Tag)
		}
	}
	g.shapes.shape(reflect.TypeFor[api.Problem](), false)
	d.Components = g.components()
	return d, nil
}

func (d *Document) add(path, method string, op *Operation) {
	i := slices.IndexFunc(d.Paths, func(p Member[Path]) bool { return p.Name == path })
	if i < 0 {
		i = len(d.Paths)
		d.Paths = append(d.Paths, Member[Path]{Name: path})
	}
	d.Paths[i].Value = append(d.Paths[i].Value, Member[*Operation]{method, op})
}

func (d *Document) has(tag string) bool {
	for _, path := range d.Paths {
		for _, op := range path.Value {
			if op.Value.Tags[0] == tag {
				return true
			}
		}
	}
	return false
}

// generator makes operations, and collects what they refer to.
type generator struct {
	shapes    *shapes
	responses Map[Response]     // refusals that routes share
	named     map[string]string // what a set of codes is called in responses
}

func (g *generator) operation(r *api.Route) (*Operation, error) {
	op := &Operation{
		ID: r.Name, Tags: []string{topic(r)}, Summary: r.Summary, Security: []map[string][]string{}, Parameters: parameters(r),
	}
	switch r.Need {
	case api.NeedNothing:
	case api.NeedOperator:
		op.Security = []map[string][]string{{operatorScheme: {}}}
	case api.NeedRead:
		op.Security, op.Permission = []map[string][]string{{traderScheme: {}}}, api.PermissionRead
	case api.NeedTrade:
		op.Security, op.Permission = []map[string][]string{{traderScheme: {}}}, api.PermissionTrade
	}
	if r.Listener == api.Admin {
		op.Servers = []Server{adminServer}
	}
	if r.Request != nil {
		body, _ := Example(r)
		op.RequestBody = &Body{Required: true, Content: Map[Media]{{"application/json", Media{
			Schema: g.shapes.of(reflect.TypeOf(r.Request), true), Example: body,
		}}}}
	}
	success, err := g.success(r)
	if err != nil {
		return nil, err
	}
	op.Responses = Map[Response]{{strconv.Itoa(r.Status), success}}
	if r.Proposed {
		kept := success
		kept.Description = "Nothing is done yet: it needs a second operator, and waits as a proposal for a day."
		op.Responses = append(op.Responses, Member[Response]{"202", kept})
	}
	if r.Cacheable() {
		op.Responses = append(op.Responses, Member[Response]{"304", Response{
			Description: "Nothing has changed since the answer whose ETag If-None-Match names.", Headers: Map[Header]{{"ETag", headerRef("ETag")}},
		}})
	}
	op.Responses = append(op.Responses, g.problems(r)...)
	return op, nil
}

func (g *generator) success(r *api.Route) (Response, error) {
	sample, err := sampleAnswer(r)
	res := Response{
		Description: "Done.", Headers: Map[Header]{{api.HeaderSeq, headerRef("Seq")}},
		Content: Map[Media]{{"application/json", Media{Schema: g.shapes.of(reflect.TypeOf(r.Answer), false), Example: sample}}},
	}
	if said := g.shapes.comments[reflect.TypeOf(r.Answer).Name()]; said != "" {
		res.Description = said
	}
	if r.ETag || r.Cacheable() {
		res.Headers = append(res.Headers, Member[Header]{"ETag", headerRef("ETag")})
	}
	return res, err
}

// problems are the answers that refuse, one for each status with all codes that it may have. Routes with the same ones share
// them.
func (g *generator) problems(r *api.Route) Map[Response] {
	byStatus := map[int][]api.CodeInfo{}
	refused := Refusals(r)
	for _, e := range api.Catalogue() {
		if slices.Contains(refused, e.Code) {
			byStatus[e.Status] = append(byStatus[e.Status], e)
		}
	}
	var all Map[Response]
	for _, status := range slices.Sorted(maps.Keys(byStatus)) {
		all = append(all, Member[Response]{strconv.Itoa(status), g.shared(status, byStatus[status])})
	}
	return all
}

// shared refers to the answer with a status and one of some codes.
func (g *generator) shared(status int, codes []api.CodeInfo) Response {
	var says, words []string
	for _, c := range codes {
		says = append(says, "* `"+c.Code+"`: "+c.Title)
		words = append(words, c.Code)
	}
	key := strings.Join(words, " ")
	name := g.named[key]
	if name == "" {
		name = fmt.Sprintf("Refused%d-%d", status, len(g.responses)+1)
		g.named[key] = name
		res := Response{
			Description: strings.Join(says, "\n"),
			Content: Map[Media]{{api.ProblemType, Media{Schema: &Schema{AllOf: []*Schema{
				ref("Problem"), {Properties: Map[*Schema]{{"code", &Schema{Enum: words}}}},
			}}}}},
		}
		if status == http.StatusServiceUnavailable {
			res.Headers = Map[Header]{{"Retry-After", headerRef("RetryAfter")}}
		}
		g.responses = append(g.responses, Member[Response]{name, res})
	}
	return Response{Ref: "#/components/responses/" + name}
}

func (g *generator) components() *Components {
	return &Components{
		Schemas: g.shapes.all(), Responses: g.responses,
		Headers: Map[Header]{
			{"ETag", Header{Description: "The version of what was read, for If-Match and If-None-Match.", Schema: &Schema{Type: "string"}}},
			{"RetryAfter", Header{Description: "Seconds to wait before the next try.", Schema: &Schema{Type: "string", Pattern: "^[0-9]+$"}}},
			{"Seq", Header{Description: "Of a mutation, where it took effect; of a read, up to where it has seen everything.", Schema: ref("Id")}},
		},
		SecuritySchemes: Map[SecurityScheme]{
			{traderScheme, SecurityScheme{"http", "bearer", "An API key or a session token, pm_…, with the permission that x-permission names."}},
			{operatorScheme, SecurityScheme{"http", "bearer", "The operator's key: the content of admin.key."}},
		},
	}
}

func headerRef(name string) Header { return Header{Ref: "#/components/headers/" + name} }
