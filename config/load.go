package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Error is what is wrong at one place of a file.
type Error struct {
	File   string
	Line   int    // 0: not at any line
	Detail string // what is so and what to do
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Detail
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Detail)
}

// Load reads and checks a file. An error that is about the content is an *Error, or several of them joined.
func Load(path string) (*File, error) {
	document, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	f := Defaults()
	if err := decode(path, document, &f); err != nil {
		return nil, err
	}
	c := checker{path: path, lines: linesOf(document)}
	c.check(&f)
	if len(c.found) > 0 {
		return nil, errors.Join(c.found...)
	}
	f.resolve(filepath.Dir(path))
	return &f, nil
}

// decode reads a document strictly.
func decode(path string, document []byte, into any) error {
	if err := toml.NewDecoder(bytes.NewReader(document)).DisallowUnknownFields().Decode(into); err != nil {
		return located(path, err)
	}
	return nil
}

// located turns what the library says into our own errors.
func located(path string, err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) {
		var all []error
		for i := range unknown.Errors {
			e := &unknown.Errors[i]
			line, _ := e.Position()
			all = append(all, &Error{path, line, unknownName(e.Key())})
		}
		return errors.Join(all...)
	}
	var wrong *toml.DecodeError
	if errors.As(err, &wrong) {
		line, _ := wrong.Position()
		detail := strings.TrimPrefix(wrong.Error(), "toml: ")
		if key := strings.Join(wrong.Key(), "."); key != "" {
			detail = key + ": " + detail
		}
		return &Error{path, line, detail}
	}
	return &Error{path, 0, err.Error()}
}

// unknownName says that there is no such setting or table, and what there is at its place.
func unknownName(key []string) string {
	name := strings.Join(key, ".")
	table := strings.TrimSuffix(name, key[len(key)-1])
	var known []string
	for _, s := range settings() {
		rest, ok := strings.CutPrefix(s.name, table)
		first, _, _ := strings.Cut(rest, ".")
		if ok && !slices.Contains(known, first) {
			known = append(known, first)
		}
	}
	return fmt.Sprintf("there is no %s: take it out, or write one of %s", name, strings.Join(known, ", "))
}

// resolve makes paths relative to the file's directory usable from anywhere.
func (f *File) resolve(dir string) {
	for _, p := range append(f.paths(), f.optionalPaths()...) {
		if *p.value != "" && !filepath.IsAbs(*p.value) {
			*p.value = filepath.Join(dir, *p.value)
		}
	}
}

type namedPath struct {
	name  string
	value *string
}

// optionalPaths are those that a node can do without.
func (f *File) optionalPaths() []namedPath {
	return []namedPath{{"https.certificate", &f.HTTPS.Certificate}, {"https.key", &f.HTTPS.Key}, {"https.clients", &f.HTTPS.Clients}}
}

func (f *File) paths() []namedPath {
	return []namedPath{
		{"data", &f.Data},
		{"tls.authority", &f.TLS.Authority}, {"tls.certificate", &f.TLS.Certificate}, {"tls.key", &f.TLS.Key},
		{"secrets.admin", &f.Secrets.Admin}, {"secrets.gateway", &f.Secrets.Gateway}, {"secrets.checkpoint", &f.Secrets.Checkpoint},
	}
}
