package reference

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/api/openapi"
)

// reference is what the page about the routes shows.
type reference struct {
	Version string
	Topics  []topic
	Shapes  []shape
}

type topic struct {
	Anchor, Name, Description string
	Routes                    []route
}

// route is one operation, in words.
type route struct {
	ID, Method, Path, Summary string
	Who                       string // may use it
	Parameters                []field
	Body                      string // name of the shape, or ""
	Fields                    []field
	Curl                      string
	Status                    string
	Answer                    string // name of the shape
	AnswerExample             string
	Refusals                  []refusal
}

// refusal is a status and its codes.
type refusal struct {
	Status, Meaning string
	Codes           []string
}

// shape is an object of requests or answers.
type shape struct {
	Name, Description string
	Fields            []field
}

// field is a field of a shape, or a parameter.
type field struct {
	Name, In, Type, Shape, Bounds, Description string
	Required                                   bool
}

func describe(d *openapi.Document) *reference {
	ref := &reference{Version: d.Info.Version}
	for _, tag := range d.Tags {
		t := topic{Anchor: anchor(tag.Name), Name: tag.Name, Description: tag.Description}
		for _, r := range api.Routes() {
			path, _ := d.Paths.Get(r.Path)
			op, _ := path.Get(strings.ToLower(r.Method))
			if op.Tags[0] == tag.Name {
				t.Routes = append(t.Routes, describeRoute(d, &r, op))
			}
		}
		ref.Topics = append(ref.Topics, t)
	}
	for _, s := range d.Components.Schemas {
		if s.Value.Type == "object" {
			ref.Shapes = append(ref.Shapes, shape{s.Name, s.Value.Description, fields(s.Value)})
		}
	}
	return ref
}

func describeRoute(d *openapi.Document, r *api.Route, op *openapi.Operation) route {
	shown := route{
		ID: r.Name, Method: r.Method, Path: r.Path, Summary: r.Summary, Who: who(r), Status: strconv.Itoa(r.Status), Curl: curl(d, r, op),
	}
	for _, p := range op.Parameters {
		f := describeField(p.Name, p.Schema, p.Required)
		f.In, f.Description = p.In, p.Description
		shown.Parameters = append(shown.Parameters, f)
	}
	if op.RequestBody != nil {
		media, _ := op.RequestBody.Content.Get("application/json")
		shown.Body = refName(media.Schema)
		s, _ := d.Components.Schemas.Get(shown.Body)
		shown.Fields = fields(s)
	}
	success, _ := op.Responses.Get(shown.Status)
	media, _ := success.Content.Get("application/json")
	shown.Answer, shown.AnswerExample = refName(media.Schema), indented(media.Example)
	shown.Refusals = refusals(r)
	return shown
}

func who(r *api.Route) string {
	switch r.Need {
	case api.NeedOperator:
		return "the operator"
	case api.NeedRead:
		return "a key with read"
	case api.NeedTrade:
		return "a key with trade"
	}
	return "anyone"
}

func refusals(r *api.Route) []refusal {
	codes := openapi.Refusals(r)
	var all []refusal
	for _, e := range api.Catalogue() {
		if !slices.Contains(codes, e.Code) {
			continue
		}
		status := strconv.Itoa(e.Status)
		i := slices.IndexFunc(all, func(r refusal) bool { return r.Status == status })
		if i < 0 {
			i = len(all)
			all = append(all, refusal{Status: status, Meaning: http.StatusText(e.Status)})
		}
		all[i].Codes = append(all[i].Codes, e.Code)
	}
	slices.SortFunc(all, func(a, b refusal) int { return strings.Compare(a.Status, b.Status) })
	return all
}

func fields(s *openapi.Schema) []field {
	var all []field
	for _, p := range s.Properties {
		all = append(all, describeField(p.Name, p.Value, slices.Contains(s.Required, p.Name)))
	}
	return all
}

func describeField(name string, s *openapi.Schema, required bool) field {
	f := field{Name: name, Required: required, Description: s.Description, Bounds: strings.Join(bounds(s), "; ")}
	element, list := s, false
	if s.Items != nil {
		element, list = s.Items, true
	}
	if len(element.AllOf) > 0 {
		element = element.AllOf[0]
	}
	f.Shape = refName(element)
	switch f.Type = element.Type; f.Shape {
	case "":
	case "Id", "Price", "Money", "Rate", "Time":
		f.Type, f.Shape = strings.ToLower(f.Shape), ""
	default:
		f.Type = f.Shape
	}
	if list {
		f.Type = "list of " + f.Type
	}
	return f
}

// bounds says in words what a schema allows, but for what its description says already.
func bounds(s *openapi.Schema) []string {
	var all []string
	if s.MinItems != nil || s.MaxItems != nil {
		all = append(all, span(s.MinItems, s.MaxItems, "entries"))
	}
	if s.Items != nil {
		all = append(all, bounds(s.Items)...)
	}
	if len(s.Enum) > 0 {
		all = append(all, strings.Join(s.Enum, " · "))
	}
	if s.MinLength != nil || s.MaxLength != nil {
		all = append(all, span(s.MinLength, s.MaxLength, "characters"))
	}
	if s.Minimum != nil && s.Maximum != nil && s.Format != "uint64" {
		all = append(all, fmt.Sprintf("%d to %s", *s.Minimum, grouped(*s.Maximum)))
	}
	if text, ok := s.Default.(string); ok && !strings.Contains(s.Description, strconv.Quote(text)) {
		all = append(all, "by default "+text)
	}
	return slices.DeleteFunc(all, func(part string) bool { return said(s.Description, part) })
}

// said reports whether a text has all words of a list, or a range, as it would be written there.
func said(text, part string) bool {
	if !strings.Contains(part, " · ") {
		return strings.Contains(text, part)
	}
	for word := range strings.SplitSeq(part, " · ") {
		if !strings.Contains(text, strconv.Quote(word)) {
			return false
		}
	}
	return true
}

func span(least, most *int, of string) string {
	switch {
	case least == nil:
		return fmt.Sprintf("at most %s %s", grouped(uint64(*most)), of)
	case most == nil:
		return fmt.Sprintf("at least %d %s", *least, of)
	}
	return fmt.Sprintf("%d to %s %s", *least, grouped(uint64(*most)), of)
}

// grouped writes a number with a comma before every three digits.
func grouped(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// curl writes a request as a command that can be typed.
func curl(d *openapi.Document, r *api.Route, op *openapi.Operation) string {
	var b strings.Builder
	host := "$API"
	if r.Listener == api.Admin {
		host = "$ADMIN"
	}
	path := r.Path
	for _, p := range op.Parameters {
		if p.In == "path" {
			path = strings.Replace(path, "{"+p.Name+"}", fmt.Sprint(p.Example), 1)
		}
	}
	b.WriteString("curl -s ")
	if r.Method != http.MethodGet && (r.Method != http.MethodPost || r.Request == nil) {
		b.WriteString("-X " + r.Method + " ")
	}
	b.WriteString(host + path)
	if r.Name == "getMarketAt" {
		b.WriteString("?time=2026-11-03T21:47:00Z")
	}
	line := func(s string) { b.WriteString(" \\\n  " + s) }
	switch r.Need {
	case api.NeedNothing:
	case api.NeedOperator:
		line(`-H "Authorization: Bearer $ADMIN_KEY"`)
	default:
		line(`-H "Authorization: Bearer $TOKEN"`)
	}
	if r.Key == api.KeyRequired && r.Name != "placeOrder" {
		line(`-H "Idempotency-Key: ` + r.Name + `-1"`)
	}
	if body, ok := openapi.Example(r); ok {
		line(`-H "Content-Type: application/json"`)
		line("-d '" + string(body) + "'")
	}
	return b.String()
}

func indented(v jsontext.Value) string {
	shown := slices.Clone(v)
	if err := shown.Indent(jsontext.WithIndent("  ")); err != nil {
		return string(v)
	}
	return string(shown)
}

func refName(s *openapi.Schema) string {
	return strings.TrimPrefix(s.Ref, "#/components/schemas/")
}

func anchor(name string) string {
	return strings.Trim(strings.Map(func(c rune) rune {
		if c == ' ' || c == ':' {
			return '-'
		}
		return c
	}, strings.ToLower(strings.ReplaceAll(name, ": ", "-"))), "-")
}
