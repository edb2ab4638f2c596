package openapi

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"strings"

	"github.com/hustings/hustings/api"
)

// comments holds what the source of package api says about a type ("Order") and a field of it ("Order.Price").
type comments map[string]string

// readComments reads the comments of package api.
func readComments() (comments, error) {
	all := comments{}
	names, err := fs.Glob(api.Source, "*.go")
	if err != nil {
		return nil, err
	}
	files := token.NewFileSet()
	for _, name := range names {
		text, err := fs.ReadFile(api.Source, name)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(files, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("reading the comments of package api: %w", err)
		}
		all.add(file)
	}
	return all, nil
}

func (c comments) add(file *ast.File) {
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, s := range g.Specs {
			t := s.(*ast.TypeSpec)
			doc := t.Doc
			if doc == nil {
				doc = g.Doc
			}
			c[t.Name.Name] = oneLine(doc)
			if shape, ok := t.Type.(*ast.StructType); ok {
				c.addFields(t.Name.Name, shape)
			}
		}
	}
}

func (c comments) addFields(shape string, s *ast.StructType) {
	for _, f := range s.Fields.List {
		text := oneLine(f.Doc)
		if text == "" {
			text = oneLine(f.Comment)
		}
		for _, name := range f.Names {
			c[shape+"."+name.Name] = text
		}
	}
}

// oneLine writes a comment as one line that begins with a capital and ends with a full stop.
func oneLine(g *ast.CommentGroup) string {
	text := strings.Join(strings.Fields(g.Text()), " ")
	if text == "" {
		return ""
	}
	if first := text[0]; 'a' <= first && first <= 'z' {
		text = string(first-'a'+'A') + text[1:]
	}
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}
