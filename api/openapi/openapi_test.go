package openapi

import (
	"bytes"
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	"github.com/pb33f/libopenapi/datamodel"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/hustings/hustings/api"
)

var update = flag.Bool("update", false, "write docs/openapi.json anew")

const kept = "../../docs/openapi.json"

func document(t *testing.T) *Document {
	t.Helper()
	d, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The document is what docs/openapi.json says: go test ./api/openapi -update writes that.
func TestDocumentIsKept(t *testing.T) {
	text, err := document(t).JSON()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(kept, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	before, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(text) {
		t.Errorf("%s is not what the routes and shapes say: run go test ./api/openapi -update", kept)
	}
}

// Somebody else's reader of OpenAPI 3.1 understands the document, and it is one by the schema of OpenAPI 3.1.
func TestDocumentIsValid(t *testing.T) {
	text, err := document(t).JSON()
	if err != nil {
		t.Fatal(err)
	}
	read, err := libopenapi.NewDocument(text)
	if err != nil {
		t.Fatal(err)
	}
	model, err := read.BuildV3Model()
	if err != nil {
		t.Fatal(err)
	}
	routes := 0
	for path := range model.Model.Paths.PathItems.ValuesFromOldest() {
		routes += path.GetOperations().Len()
	}
	if routes != len(api.Routes()) {
		t.Errorf("it was read to have %d routes, not %d", routes, len(api.Routes()))
	}
	schema := decoded(t, []byte(datamodel.OpenAPI31SchemaData))
	c := jsonschema.NewCompiler()
	if err := c.AddResource("openapi-3.1.json", schema); err != nil {
		t.Fatal(err)
	}
	if err := c.MustCompile("openapi-3.1.json").Validate(decoded(t, text)); err != nil {
		t.Error(err)
	}
}

func decoded(t *testing.T, text []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Every shape's schema takes what the shape writes, and the example of every request.
func TestSamplesSatisfyTheSchemas(t *testing.T) {
	text, err := document(t).JSON()
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("openapi.json", decoded(t, text)); err != nil {
		t.Fatal(err)
	}
	check := func(shape any, body []byte) {
		t.Helper()
		s, err := c.Compile("openapi.json#/components/schemas/" + reflect.TypeOf(shape).Name())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(decoded(t, body)); err != nil {
			t.Errorf("%T: %s: %v", shape, body, err)
		}
	}
	for _, r := range api.Routes() {
		if body, ok := Example(&r); ok {
			check(r.Request, body)
		}
		sample, err := sampleAnswer(&r)
		if err != nil {
			t.Fatal(err)
		}
		check(r.Answer, sample)
	}
}

func TestEveryRouteIsDescribed(t *testing.T) {
	d := document(t)
	for _, r := range api.Routes() {
		path, _ := d.Paths.Get(r.Path)
		op, found := path.Get(strings.ToLower(r.Method))
		switch {
		case !found:
			t.Errorf("%s is not described", r.Name)
		case op.Tags[0] == "More" || op.Tags[0] == "Operator":
			t.Logf("%s %s has no topic of its own", r.Method, r.Path)
		}
		for _, m := range inBraces.FindAllStringSubmatch(r.Path, -1) {
			if pathParams[m[1]] == "" {
				t.Errorf("nothing says what {%s} of %s is", m[1], r.Path)
			}
		}
	}
}

// The tables here are about routes, shapes and fields that there are.
func TestTablesAreAboutSomething(t *testing.T) {
	names := map[string]api.Route{}
	for _, r := range api.Routes() {
		names[r.Name] = r
	}
	for name, body := range examples {
		if r, ok := names[name]; !ok || reflect.TypeOf(body) != reflect.TypeOf(r.Request) {
			t.Errorf("the example of %s is no body of that route", name)
		}
	}
	for name := range refusals {
		if _, ok := names[name]; !ok {
			t.Errorf("refusals of %s, which is no route", name)
		}
	}
	shapes := document(t).Components.Schemas
	for field := range limits {
		shape, name, _ := strings.Cut(field, ".")
		s, ok := shapes.Get(shape)
		if !ok {
			continue // a shape within another one
		}
		if _, ok := s.Properties.Get(name); !ok {
			t.Errorf("limits of %s, which is no field", field)
		}
	}
	all := api.Catalogue()
	for _, r := range names {
		for _, code := range Refusals(&r) {
			if !slices.ContainsFunc(all, func(e api.CodeInfo) bool { return e.Code == code }) {
				t.Errorf("%s is refused with %s, which is no code", r.Name, code)
			}
		}
	}
}

// Every text, word and number that a request has is bounded, or is one of the few that are checked by their use.
func TestRequestsAreBounded(t *testing.T) {
	free := []string{"Login.name", "Login.password", "SetPassword.current", "PlaceOrder.outcome", "AddMember.peers"}
	for _, r := range api.Routes() {
		if r.Request == nil {
			continue
		}
		typ := reflect.TypeOf(r.Request)
		for i := range typ.NumField() {
			f := typ.Field(i)
			path := typ.Name() + "." + fieldName(&f)
			l := limits[path]
			text := f.Type.Kind() == reflect.String || f.Type == reflect.TypeFor[[]string]()
			if text && l.words == nil && l.length == [2]int{} && !slices.Contains(free, path) {
				t.Errorf("%s: nothing says which texts it may have", path)
			}
		}
	}
}

// Shapes and fields say what they are in their comments, where their name does not.
func TestShapesHaveComments(t *testing.T) {
	for _, s := range document(t).Components.Schemas {
		if s.Value.Description == "" {
			t.Errorf("%s has no comment", s.Name)
		}
	}
}
