package gateway

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

var strict = json.JoinOptions(json.RejectUnknownMembers(true))

// decode reads a request that is not worth a reader of its own into a new T, a shape of package api. A field of it
// whose tag lacks omitzero is required.
func decode[T any](s *scanner, body []byte) (*T, *api.Problem) {
	v := new(T)
	if len(body) == 0 {
		return v, api.CodeMissingField.Problem("", "The request needs a JSON body.")
	}
	s.reset(body)
	names, p := s.survey()
	if p != nil {
		return v, p
	}
	if err := json.Unmarshal(body, v, strict); err != nil {
		return v, decodeProblem(err)
	}
	for _, name := range requiredFields(reflect.TypeFor[T]()) {
		if !slices.Contains(names, name) {
			return v, missing(name)
		}
	}
	return v, nil
}

// survey walks over a whole request, which must be an object, and returns the names of its fields. It refuses what
// reflection would let through: null, a negative zero, great depth, and anything after the value.
func (s *scanner) survey() (names []string, p *api.Problem) {
	if p := s.open('{', ""); p != nil {
		return nil, p
	}
	for depth := 1; depth > 0; depth = s.d.StackDepth() {
		token, err := s.d.ReadToken()
		if err != nil {
			return nil, s.problem(err)
		}
		kind, count := s.d.StackIndex(s.d.StackDepth())
		switch {
		case token.Kind() == 'n':
			return nil, nullProblem(fieldPath(s.d.StackPointer()))
		case token.Kind() == '0' && token.String() == "-0":
			return nil, api.CodeInvalidField.Problem(fieldPath(s.d.StackPointer()), "0 has no sign.")
		case s.d.StackDepth() > api.MaxDepth:
			return nil, api.CodeMalformedJSON.Problem("", "The JSON has more than 8 levels.")
		case s.d.StackDepth() == 1 && kind == '{' && count%2 == 1:
			names = append(names, token.String())
		}
	}
	return names, s.end()
}

func nullProblem(field string) *api.Problem {
	return api.CodeInvalidField.Problem(field, subject(field)+" must not be null. Leave it out.")
}

func decodeProblem(err error) *api.Problem {
	var semantic *json.SemanticError
	if !errors.As(err, &semantic) {
		return api.CodeMalformedJSON.Problem("", "")
	}
	field := fieldPath(semantic.JSONPointer)
	switch {
	case errors.Is(err, json.ErrUnknownName):
		return unknown("", []byte(field))
	case errors.Is(err, exchange.ErrDecimalRange), errors.Is(err, exchange.ErrDecimalPlaces), errors.Is(err, exchange.ErrDecimalSyntax),
		errors.Is(err, api.ErrID), errors.Is(err, api.ErrTime), errors.Is(err, api.ErrMoney):
		return fieldError(field, semantic.Err)
	}
	return api.CodeInvalidField.Problem(field, subject(field)+" must be "+wanted(semantic.GoType)+".")
}

// wanted says in JSON's words what a Go type is read from.
func wanted(t reflect.Type) string {
	if t == nil {
		return "something else"
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[interface{ UnmarshalText([]byte) error }]()) {
		return "a string"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Slice:
		return "an array"
	case reflect.Struct:
		return "an object"
	}
	return "a whole number within its range, without point or exponent"
}

func requiredFields(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if !strings.Contains(options, "omitzero") {
			names = append(names, name)
		}
	}
	return names
}

// noBody makes sure that a request that says everything in its path has an empty body, or {}.
func (s *scanner) noBody(body []byte) *api.Problem {
	if len(body) == 0 {
		return nil
	}
	s.reset(body)
	names, p := s.survey()
	if p == nil && len(names) > 0 {
		p = unknown("", []byte(names[0]))
	}
	return p
}
