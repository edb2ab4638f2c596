package openapi

import (
	"reflect"
	"regexp"
	"strings"

	"github.com/hustings/hustings/api"
)

var inBraces = regexp.MustCompile(`\{([a-z]+)\}`)

// pathParams says what each identifier of a path is of.
var pathParams = map[string]string{
	"market": "The market.", "order": "The order, which is in the market.", "group": "The order group.", "proposal": "The proposal.", "key": "The API key.",
	"account": "The account.", "seq": "The seq of the trade.", "node": "The number of the node.", "shard": "The number of the shard.",
}

func parameters(r *api.Route) []Parameter {
	var all []Parameter
	for _, m := range inBraces.FindAllStringSubmatch(r.Path, -1) {
		all = append(all, Parameter{Name: m[1], In: "path", Description: pathParams[m[1]], Required: true, Schema: ref("Id"), Example: "1"})
	}
	for _, p := range r.Query {
		all = append(all, queryParameter(r, p.Name, sentence(p.Summary)))
	}
	return append(all, headerParameters(r)...)
}

func queryParameter(r *api.Route, name, summary string) Parameter {
	p := Parameter{Name: name, In: "query", Description: summary, Schema: &Schema{Type: "string"}}
	p.Required = strings.HasSuffix(summary, "required.")
	l, ok := queryLimits[r.Name+"."+name]
	if !ok {
		l = queryLimits[name]
	}
	switch shape := queryShapes[name]; {
	case shape != "":
		p.Schema = ref(shape)
	case l.to != 0:
		p.Schema.Type = "integer"
		l.apply(p.Schema)
	default:
		l.apply(p.Schema)
	}
	return p
}

func headerParameters(r *api.Route) []Parameter {
	header := func(name, says string, required bool, s *Schema) Parameter {
		return Parameter{Name: name, In: "header", Description: says, Required: required, Schema: s}
	}
	var all []Parameter
	if !r.Mutation() {
		all = append(all,
			queryParameter(r, api.ParamSeq, "Wait until everything up to this seq is seen, at most 2 seconds."),
			queryParameter(r, api.ParamFresh, "See everything that was acknowledged before, by whichever node."),
			header(api.HeaderMinSeq, "Does what the parameter seq does.", false, ref("Id")))
		if r.Cacheable() {
			all = append(all, header("If-None-Match", "The ETag of an earlier answer: 304 if nothing has changed since.", false, &Schema{Type: "string"}))
		}
		return all
	}
	key := &Schema{Type: "string", Pattern: printablePattern, Examples: []any{"7e7bb3a2"}}
	says := "The same key with the same content gets the first answer again, for 24 hours."
	if r.Key == api.KeyRequired {
		says = "Required, for repeating this would do it twice. " + says
	}
	if BodyHasKey(r) {
		says += " client_order_id serves as the key where there is no header."
	}
	all = append(all, header(api.HeaderKey, says, r.Key == api.KeyRequired && !BodyHasKey(r), key))
	if r.IfMatch {
		all = append(all, header("If-Match", "The version that the change is for: refused if there was another one since.", false,
			&Schema{Type: "string", Examples: []any{`"3"`}}))
	}
	return all
}

// BodyHasKey reports whether a field of the body may serve as the idempotency key.
func BodyHasKey(r *api.Route) bool {
	if r.Request == nil {
		return false
	}
	t := reflect.TypeOf(r.Request)
	return t == reflect.TypeFor[api.PlaceOrder]() || t == reflect.TypeFor[api.Batch]()
}

func fieldName(f *reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

func sentence(s string) string {
	if s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}
