package openapi

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Document is as much of an OpenAPI 3.1 document as this API needs. It is read only.
type Document struct {
	OpenAPI    string      `json:"openapi"`
	Info       Info        `json:"info"`
	Servers    []Server    `json:"servers"`
	Tags       []Tag       `json:"tags"`
	Paths      Map[Path]   `json:"paths"`
	Components *Components `json:"components"`
}

// Info is about the API as a whole.
type Info struct {
	Title       string  `json:"title"`
	Version     string  `json:"version"`
	Summary     string  `json:"summary"`
	Description string  `json:"description"`
	License     License `json:"license"`
}

// License names a licence by its SPDX identifier.
type License struct {
	Name       string `json:"name"`
	Identifier string `json:"identifier"`
}

// Server is where a listener is.
type Server struct {
	URL         string `json:"url"`
	Description string `json:"description"`
}

// Tag is a topic, under which routes are listed.
type Tag struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

// Path is the operations of a path by their method, in lower case.
type Path = Map[*Operation]

// Operation is one route.
type Operation struct {
	ID          string                `json:"operationId"`
	Tags        []string              `json:"tags"`
	Summary     string                `json:"summary"`
	Description string                `json:"description,omitzero"`
	Servers     []Server              `json:"servers,omitzero"`
	Security    []map[string][]string `json:"security"` // empty: anyone
	Permission  string                `json:"x-permission,omitzero"`
	Parameters  []Parameter           `json:"parameters,omitzero"`
	RequestBody *Body                 `json:"requestBody,omitzero"`
	Responses   Map[Response]         `json:"responses"`
}

// Parameter is a part of the path, the query or the header.
type Parameter struct {
	Name        string  `json:"name"`
	In          string  `json:"in"` // "path", "query" or "header"
	Description string  `json:"description,omitzero"`
	Required    bool    `json:"required,omitzero"`
	Schema      *Schema `json:"schema"`
	Example     any     `json:"example,omitzero"`
}

// Body is the body of a request.
type Body struct {
	Required bool       `json:"required"`
	Content  Map[Media] `json:"content"`
}

// Media is a body in one content type.
type Media struct {
	Schema  *Schema        `json:"schema"`
	Example jsontext.Value `json:"example,omitzero"`
}

// Response is what a route answers with one status.
type Response struct {
	Ref         string      `json:"$ref,omitzero"` // then nothing else
	Description string      `json:"description,omitzero"`
	Headers     Map[Header] `json:"headers,omitzero"`
	Content     Map[Media]  `json:"content,omitzero"`
}

// Header is a header of an answer.
type Header struct {
	Ref         string  `json:"$ref,omitzero"`
	Description string  `json:"description,omitzero"`
	Schema      *Schema `json:"schema,omitzero"`
}

// Components is what other parts refer to.
type Components struct {
	Schemas         Map[*Schema]        `json:"schemas"`
	Responses       Map[Response]       `json:"responses"`
	Headers         Map[Header]         `json:"headers"`
	SecuritySchemes Map[SecurityScheme] `json:"securitySchemes"`
}

// SecurityScheme is a way to show who asks.
type SecurityScheme struct {
	Type        string `json:"type"`
	Scheme      string `json:"scheme"`
	Description string `json:"description"`
}

// Schema is as much of a JSON Schema as this API needs.
type Schema struct {
	Ref              string       `json:"$ref,omitzero"`
	Type             string       `json:"type,omitzero"`
	Description      string       `json:"description,omitzero"`
	Properties       Map[*Schema] `json:"properties,omitzero"`
	Required         []string     `json:"required,omitzero"`
	Items            *Schema      `json:"items,omitzero"`
	MinItems         *int         `json:"minItems,omitzero"`
	MaxItems         *int         `json:"maxItems,omitzero"`
	Enum             []string     `json:"enum,omitzero"`
	Format           string       `json:"format,omitzero"`
	Pattern          string       `json:"pattern,omitzero"`
	MinLength        *int         `json:"minLength,omitzero"`
	MaxLength        *int         `json:"maxLength,omitzero"`
	Minimum          *int64       `json:"minimum,omitzero"`
	Maximum          *uint64      `json:"maximum,omitzero"`
	Default          any          `json:"default,omitzero"`
	Examples         []any        `json:"examples,omitzero"`
	AllOf            []*Schema    `json:"allOf,omitzero"`
	AdditionalFields *bool        `json:"additionalProperties,omitzero"`
}

// Map is an object whose members have an order.
type Map[T any] []Member[T]

// Member is one member of a Map.
type Member[T any] struct {
	Name  string
	Value T
}

// Get returns a member's value, or a zero one.
func (m Map[T]) Get(name string) (v T, found bool) {
	for i := range m {
		if m[i].Name == name {
			return m[i].Value, true
		}
	}
	return v, false
}

// MarshalJSONTo implements json.MarshalerTo.
func (m Map[T]) MarshalJSONTo(e *jsontext.Encoder) error {
	if err := e.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for i := range m {
		if err := e.WriteToken(jsontext.String(m[i].Name)); err != nil {
			return err
		}
		if err := json.MarshalEncode(e, m[i].Value); err != nil {
			return err
		}
	}
	return e.WriteToken(jsontext.EndObject)
}

// JSON returns the document as text.
func (d *Document) JSON() ([]byte, error) {
	b, err := json.Marshal(d, jsontext.WithIndent(" "), json.Deterministic(true))
	return append(b, '\n'), err
}
