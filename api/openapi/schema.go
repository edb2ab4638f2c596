package openapi

import (
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/hustings/hustings/api"
)

const (
	positivePattern = `^(0|[1-9][0-9]*)(\.[0-9]{1,4})?$`
	sharePattern    = `^(0(\.[0-9]{1,4})?|1(\.0{1,4})?)$`
)

// values are the schemas of the types that are written as JSON strings.
var values = []struct {
	name   string
	goType reflect.Type
	schema Schema
}{
	{"Id", reflect.TypeFor[api.ID](), Schema{Type: "string", Pattern: `^[1-9][0-9]{0,19}$`, Examples: []any{"17"},
		Description: "An identifier or a seq, 1 to 2⁶⁴ − 1, in decimal digits."}},
	{"Price", reflect.TypeFor[api.Price](), Schema{Type: "string", Pattern: sharePattern, Examples: []any{"0.6200"},
		Description: "A price or a settlement value. Prices of orders are above 0 and below 1. Written with 4 decimals."}},
	{"Rate", reflect.TypeFor[api.Rate](), Schema{Type: "string", Pattern: sharePattern, Examples: []any{"0.0700"},
		Description: "A share from 0 to 1. Written with 4 decimals."}},
	{"Money", reflect.TypeFor[api.Money](), Schema{Type: "string", Pattern: `^-?(0|[1-9][0-9]*)(\.[0-9]{1,4})?$`, Examples: []any{"12.5000"},
		Description: "An amount of the currency. Written with 4 decimals."}},
	{"Time", reflect.TypeFor[api.Time](), Schema{Type: "string", Format: "date-time", Examples: []any{"2026-11-03T21:47:00.123456789Z"},
		Description: "An instant, RFC 3339. Written in UTC with 9 decimals of a second."}},
}

// shapes collects the schemas of the shapes that the document refers to.
type shapes struct {
	comments comments
	known    map[reflect.Type]*Schema
	requests map[reflect.Type]bool // what a request may have: no other fields
}

func newShapes(c comments) *shapes {
	return &shapes{comments: c, known: map[reflect.Type]*Schema{}, requests: map[reflect.Type]bool{}}
}

// of returns the schema of a value of a type, by reference if it has a name.
func (s *shapes) of(t reflect.Type, inRequest bool) *Schema {
	for i := range values {
		if values[i].goType == t {
			return ref(values[i].name)
		}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem(), inRequest)
	case reflect.Slice:
		return &Schema{Type: "array", Items: s.of(t.Elem(), inRequest)}
	case reflect.Struct:
		s.shape(t, inRequest)
		return ref(t.Name())
	case reflect.Bool:
		return &Schema{Type: "boolean"}
	case reflect.String:
		return &Schema{Type: "string"}
	}
	return number(t)
}

// number is the schema of a whole number, with the range of its type.
func number(t reflect.Type) *Schema {
	if k := t.Kind(); k == reflect.Int || k == reflect.Int64 {
		return &Schema{Type: "integer", Format: "int64"}
	}
	n := &Schema{Type: "integer", Format: t.Kind().String()}
	var least int64
	greatest := uint64(math.MaxUint64) >> (64 - t.Bits())
	n.Minimum, n.Maximum = &least, &greatest
	return n
}

func ref(name string) *Schema { return &Schema{Ref: "#/components/schemas/" + name} }

// shape makes the schema of a shape and of those that it has.
func (s *shapes) shape(t reflect.Type, inRequest bool) {
	if inRequest {
		s.requests[t] = true
	}
	if known := s.known[t]; known != nil && (!inRequest || known.AdditionalFields != nil) {
		return
	}
	made := &Schema{Type: "object", Description: inWordsOfJSON(t, s.comments[t.Name()])}
	if inRequest || s.requests[t] {
		made.AdditionalFields = new(bool)
	}
	s.known[t] = made
	s.fields(made, t, inRequest)
}

func (s *shapes) fields(into *Schema, t reflect.Type, inRequest bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			s.fields(into, f.Type, inRequest)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		field := s.of(f.Type, inRequest)
		l := limits[t.Name()+"."+name]
		if field.Ref != "" && !l.empty() {
			field = &Schema{AllOf: []*Schema{field}}
		}
		field.Description = inWordsOfJSON(t, s.comments[t.Name()+"."+f.Name])
		l.apply(field)
		into.Properties = append(into.Properties, Member[*Schema]{name, field})
		if !strings.Contains(options, "omitzero") {
			into.Required = append(into.Required, name)
		}
	}
}

// inWordsOfJSON puts the names that fields have in JSON for those that they have in Go. A name of one word is one only where the
// text begins with it: elsewhere it is a word.
func inWordsOfJSON(t reflect.Type, text string) string {
	words := strings.Split(text, " ")
	for i := range t.NumField() {
		f := t.Field(i)
		for j, word := range words {
			bare := strings.TrimRight(word, ".,;:)")
			if bare == f.Name && (j == 0 || strings.ToLower(f.Name[1:]) != f.Name[1:]) && bare != t.Name() {
				words[j] = fieldName(&f) + word[len(bare):]
			}
		}
	}
	return strings.Join(words, " ")
}

func (l *limit) empty() bool { return reflect.ValueOf(*l).IsZero() }

// apply narrows a schema down.
func (l *limit) apply(to *Schema) {
	if l.description != "" {
		to.Description = l.description
	}
	if l.value != nil {
		to.Default = l.value
	}
	if l.example != nil {
		to.Examples = []any{l.example}
	}
	to.MinItems, to.MaxItems = bound(l.items[0]), bound(l.items[1])
	element := to
	if to.Items != nil {
		element = to.Items
	}
	element.Enum, element.Pattern = l.words, l.pattern
	element.MinLength, element.MaxLength = bound(l.length[0]), bound(l.length[1])
	if l.to != 0 {
		element.Minimum, element.Maximum = &l.from, &l.to
	}
}

func bound(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

// all returns the schemas, by name.
func (s *shapes) all() Map[*Schema] {
	var all Map[*Schema]
	for i := range values {
		all = append(all, Member[*Schema]{values[i].name, &values[i].schema})
	}
	for t, made := range s.known {
		all = append(all, Member[*Schema]{t.Name(), made})
	}
	slices.SortFunc(all, func(a, b Member[*Schema]) int { return strings.Compare(a.Name, b.Name) })
	return all
}
