package wire

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hustings/hustings/exchange"
)

// documentedKind is a table of docs/formats: the fields of one kind.
type documentedKind struct {
	number  uint8
	name    string
	version uint8
	fields  []documentedField
}

type documentedField struct{ offset, kind, name string }

var kindHeading = regexp.MustCompile(`^### (\d+) (\w+), version (\d+)$`)

// readDocument reads the tables of a document.
func readDocument(t *testing.T, file string) (kinds []documentedKind) {
	t.Helper()
	text, err := os.ReadFile("../../docs/formats/" + file)
	if err != nil {
		t.Fatal(err)
	}
	inTable := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if h := kindHeading.FindStringSubmatch(line); h != nil {
			number, _ := strconv.Atoi(h[1]) // digits, by the expression
			version, _ := strconv.Atoi(h[3])
			kinds = append(kinds, documentedKind{uint8(number), h[2], uint8(version), nil})
			inTable = true
			continue
		}
		inTable = inTable && !strings.HasPrefix(line, "#")
		cells := strings.Split(line, "|")
		if !inTable || len(cells) < 5 || strings.TrimSpace(cells[1]) == "offset" || strings.HasPrefix(cells[1], "---") {
			continue
		}
		k := &kinds[len(kinds)-1]
		k.fields = append(k.fields, documentedField{strings.TrimSpace(cells[1]), strings.TrimSpace(cells[2]), strings.TrimSpace(cells[3])})
	}
	return kinds
}

// documentReader reads a frame as a document says, and knows nothing of this package.
type documentReader struct {
	frame []byte
	at    int
	fixed bool // no field of variable length came before
}

func (r *documentReader) number(n int) (v uint64) {
	for i := range n {
		v |= uint64(r.frame[r.at+i]) << (8 * i)
	}
	r.at += n
	return v
}

// field reads the next field and returns the lines that the golden text must have for it.
func (r *documentReader) field(f documentedField) (lines []string, err error) {
	if want := strconv.Itoa(r.at); r.fixed && f.offset != want || !r.fixed && f.offset != "…" {
		return nil, fmt.Errorf("%s is documented at %s and lies at %d", f.name, f.offset, r.at)
	}
	text := func() string {
		n := int(r.number(2))
		r.at += n
		return fmt.Sprintf("%q", r.frame[r.at-n:r.at])
	}
	one := func(value any) []string { return []string{fmt.Sprintf("%s: %v", f.name, value)} }
	switch f.kind {
	case "u8", "u16", "u32", "u64":
		bits, _ := strconv.Atoi(f.kind[1:])
		return one(r.number(bits / 8)), nil
	case "i64":
		return one(int64(r.number(8))), nil
	case "flag":
		return one(r.number(1) == 1), nil
	case "32 bytes":
		r.at += 32
		return one(fmt.Sprintf("%x", r.frame[r.at-32:r.at])), nil
	case "bytes":
		rest := r.frame[r.at:]
		r.at = len(r.frame)
		return one(fmt.Sprintf("%q", rest)), nil
	}
	r.fixed = false
	switch f.kind {
	case "text", "blob":
		return one(text()), nil
	case "texts", "prices":
		for i := range int(r.number(1)) {
			var value string
			if f.kind == "texts" {
				value = text()
			} else {
				value = fmt.Sprint(r.number(2))
			}
			lines = append(lines, fmt.Sprintf("%s[%d]: %s", f.name, i, value))
		}
		return lines, nil
	}
	return nil, fmt.Errorf("%s has the type %q, which the test does not know", f.name, f.kind)
}

// agree reads a golden frame by its document and compares every field with the golden text.
func agree(t *testing.T, what string, k documentedKind, start int) {
	t.Helper()
	name := fmt.Sprintf("%s-%s-%d", what, k.name, k.version)
	frame, text := readGoldenFile(t, name+".bin"), "\n"+string(readGoldenFile(t, name+".txt"))
	if frame[2] != k.number || frame[3] != k.version {
		t.Errorf("%s: documented as kind %d, version %d", name, k.number, k.version)
	}
	r := documentReader{frame: frame, at: start, fixed: true}
	seen := 0
	for _, f := range k.fields {
		lines, err := r.field(f)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if strings.HasPrefix(f.name, "*") { // a length, or zeros
			continue
		}
		for _, line := range lines {
			seen++
			if !strings.Contains(text, "\n"+line+"\n") && !strings.Contains(text, "."+line+"\n") {
				t.Errorf("%s: by its document %s, which is not in:%s", name, line, text)
			}
		}
	}
	values := strings.Count(text, ": ")
	for _, head := range []string{"Account", "Key", "MarketAction.Key", "FundsElsewhere"} { // of commands, before the fields
		isField := slices.ContainsFunc(k.fields, func(f documentedField) bool { return f.name == head })
		if what == "command" && !isField && strings.Contains(text, "\n"+head+": ") {
			values--
		}
	}
	if r.at != len(frame) || seen != values {
		t.Errorf("%s: %d of %d bytes and %d of %d values are documented", name, r.at, len(frame), seen, values)
	}
}

func TestDocumentsSayWhatIsWritten(t *testing.T) {
	commands, events := readDocument(t, "commands.md"), readDocument(t, "events.md")
	for _, k := range commands {
		agree(t, "command", k, commandHead)
	}
	for _, k := range events {
		agree(t, "event", k, frameHead)
		if current := eventVersions[exchange.EventKind(k.number)]; k.version != current {
			t.Errorf("event %s is documented in version %d, written is %d", k.name, k.version, current)
		}
	}
	known := 0
	for newCommand(exchange.CommandKind(known+1)) != nil {
		known++
	}
	if len(commands) != known || len(events) != len(eventVersions)-1 {
		t.Errorf("%d of %d commands and %d of %d events are documented", len(commands), known, len(events), len(eventVersions)-1)
	}
}
