package attacks

import (
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/api/openapi"
)

// place is a field of a body: names of fields, and 0 for the first entry of a list.
type place struct {
	path []any
	typ  reflect.Type
}

func (p place) String() string {
	var b strings.Builder
	for _, step := range p.path {
		if name, ok := step.(string); ok {
			b.WriteString("." + name)
		} else {
			b.WriteString("[0]")
		}
	}
	return strings.TrimPrefix(b.String(), ".")
}

// isValue reports whether a type is one value in JSON, not made of others.
func isValue(t reflect.Type) bool {
	k := t.Kind()
	return k != reflect.Struct && k != reflect.Slice && k != reflect.Pointer
}

// places returns all values of a shape, and all objects: the shape itself and those within it.
func places(t reflect.Type, path ...any) (values, objects []place) {
	switch {
	case isValue(t):
		return []place{{path, t}}, nil
	case t.Kind() == reflect.Pointer:
		return places(t.Elem(), path...)
	case t.Kind() == reflect.Slice:
		return places(t.Elem(), append(path[:len(path):len(path)], 0)...)
	}
	objects = []place{{path, t}}
	for i := range t.NumField() {
		f := t.Field(i)
		below := path[:len(path):len(path)]
		if !f.Anonymous {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			below = append(below, name)
		}
		v, o := places(f.Type, below...)
		values = append(values, v...)
		if !f.Anonymous {
			objects = append(objects, o...)
		}
	}
	return values, objects
}

const marker = "@here@"

// put replaces or adds what is at a place of a body with any text, be it JSON or not.
func put(t *testing.T, body []byte, path []any, raw string) []byte {
	t.Helper()
	b := write(t, set(t, read(t, body), path, marker))
	return []byte(strings.Replace(string(b), `"`+marker+`"`, raw, 1))
}

// add adds any text to an object of a body.
func add(t *testing.T, body []byte, object []any, raw string) []byte {
	t.Helper()
	b := write(t, set(t, read(t, body), append(object[:len(object):len(object)], marker), 0))
	return []byte(strings.Replace(string(b), `"`+marker+`":0`, raw, 1))
}

func read(t *testing.T, body []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func write(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func set(t *testing.T, v any, path []any, to any) any {
	t.Helper()
	if len(path) == 0 {
		return to
	}
	switch step := path[0].(type) {
	case string:
		object, ok := v.(map[string]any)
		if !ok {
			object = map[string]any{}
		}
		object[step] = set(t, object[step], path[1:], to)
		return object
	default:
		list, ok := v.([]any)
		if !ok || len(list) == 0 {
			list = []any{nil}
		}
		list[0] = set(t, list[0], path[1:], to)
		return list
	}
}

// fieldsOf returns the names of an object's fields with a value that each may have: that of the body, if it is there.
func fieldsOf(t *testing.T, body []byte, object place) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, o := range []any{read(t, write(t, openapi.Sample(object.typ).Interface())), get(read(t, body), object.path)} {
		members, _ := o.(map[string]any)
		for name, v := range members {
			all[name] = string(write(t, v))
		}
	}
	return all
}

func get(v any, path []any) any {
	for _, step := range path {
		switch name := step.(type) {
		case string:
			object, _ := v.(map[string]any)
			v = object[name]
		default:
			list, _ := v.([]any)
			if len(list) == 0 {
				return nil
			}
			v = list[0]
		}
	}
	return v
}

// The attacks reach every field that a request has.
func TestPlaces(t *testing.T) {
	values, objects := places(reflect.TypeFor[api.Batch]())
	var names []string
	for _, p := range values {
		names = append(names, p.String())
	}
	if got := strings.Join(names[:4], " "); got != "cancels[0].market cancels[0].order orders[0].market orders[0].outcome" {
		t.Error(got)
	}
	if len(values) != 17 || len(objects) != 3 {
		t.Errorf("%d values, %d objects: %s", len(values), len(objects), names)
	}
	got := string(put(t, []byte(`{"a":1}`), []any{"b", 0, "c"}, "NaN"))
	if got != `{"a":1,"b":[{"c":NaN}]}` {
		t.Error(got)
	}
	if got := string(add(t, []byte(`{"b":[{}]}`), []any{"b", 0}, `"x":1,"x":2`)); got != `{"b":[{"x":1,"x":2}]}` {
		t.Error(got)
	}
}
