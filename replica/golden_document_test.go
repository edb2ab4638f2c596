package replica

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/hustings/hustings/vfs"
)

var sectionHeading = regexp.MustCompile(`^### (\d+) \w+$`)

// documentedSections reads the types of the fields of each section from the document of snapshots.
func documentedSections(t *testing.T) map[byte][]string {
	t.Helper()
	text, err := os.ReadFile("../docs/formats/snapshot.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[byte][]string{}
	section := -1
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			section = -1
			if h := sectionHeading.FindStringSubmatch(line); h != nil {
				section, _ = strconv.Atoi(h[1]) // digits, by the expression
			}
			continue
		}
		cells := strings.Split(line, "|")
		if section < 0 || len(cells) < 4 || strings.TrimSpace(cells[1]) == "type" || strings.HasPrefix(cells[1], "---") {
			continue
		}
		items, optional := strings.CutPrefix(strings.TrimSpace(cells[1]), "if so: ")
		for _, item := range strings.Split(items, ", ") {
			if optional {
				item = "?" + item
			}
			sections[byte(section)] = append(sections[byte(section)], item)
		}
	}
	return sections
}

// documentedReader takes records apart as the document says, and knows nothing of the packages that write them.
type documentedReader struct {
	data []byte
	last int  // value of the last number
	flag bool // value of the last flag that always stands
}

func (r *documentedReader) skip(n int) error {
	if n > len(r.data) {
		return fmt.Errorf("%d bytes are left of a field of %d", len(r.data), n)
	}
	r.last = 0
	for i := range min(n, 4) {
		r.last |= int(r.data[i]) << (8 * i)
	}
	r.data = r.data[n:]
	return nil
}

func (r *documentedReader) item(item string) error {
	item, optional := strings.CutPrefix(item, "?")
	if optional && !r.flag {
		return nil
	}
	defer func() {
		if item == "flag" && !optional {
			r.flag = r.last == 1
		}
	}()
	kind, times, repeated := strings.Cut(item, " × ")
	n := 1
	if times == "n" {
		n = r.last
	} else if repeated {
		n, _ = strconv.Atoi(times) // 0, which reads too little, where it is no number
	}
	for range n {
		if err := r.field(kind); err != nil {
			return fmt.Errorf("%s: %w", item, err)
		}
	}
	return nil
}

func (r *documentedReader) field(kind string) error {
	if size, ok := map[string]int{"u8": 1, "flag": 1, "u16": 2, "u32": 4, "u64": 8, "i64": 8, "16 bytes": 16, "32 bytes": 32}[kind]; ok {
		return r.skip(size)
	}
	length := map[string]int{"text": 2, "blob": 2, "texts": 1, "prices": 1}[kind]
	if length == 0 {
		return fmt.Errorf("the type is not known")
	}
	if err := r.skip(length); err != nil {
		return err
	}
	switch n := r.last; kind {
	case "text", "blob":
		return r.skip(n)
	case "prices":
		return r.skip(2 * n)
	default:
		for range n {
			if err := r.field("text"); err != nil {
				return err
			}
		}
	}
	return nil
}

func TestSnapshotsAreAsDocumented(t *testing.T) {
	fsys, sections := readGolden(t), documentedSections(t)
	names, err := Snapshots(fsys, "shard-1")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[byte]bool{}
	for _, name := range names {
		b, err := vfs.ReadFile(fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		for b = b[headSize:]; b[0] != partEnd; {
			length := int(le.Uint32(b[12:]))
			if section, count := b[1], max(1, le.Uint32(b[8:])); b[0] == partChunk {
				seen[section] = true
				r := documentedReader{data: b[partHead : partHead+length]}
				for range count {
					for _, item := range sections[section] {
						if err := r.item(item); err != nil {
							t.Fatalf("section %d: %v", section, err)
						}
					}
				}
				if len(r.data) != 0 {
					t.Errorf("section %d: %d bytes are not documented", section, len(r.data))
				}
			}
			b = b[partHead+length+4:]
		}
	}
	if len(seen) != len(sections) {
		t.Errorf("%d sections are documented, the golden snapshots have %d", len(sections), len(seen))
	}
}
