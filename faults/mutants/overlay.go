package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// plant writes the changed file and the overlay that has it compiled in place of the real one into a new directory, and
// returns the overlay's path. The caller removes the directory.
func plant(dir, root string, m *mutant) (overlay string, err error) {
	changed, err := m.apply(root)
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, filepath.Base(m.file))
	if err := os.WriteFile(file, changed, 0o644); err != nil {
		return "", fmt.Errorf("planting %s: %w", m.name, err)
	}
	text, err := json.Marshal(map[string]map[string]string{
		"Replace": {filepath.Join(root, filepath.FromSlash(m.file)): file}})
	if err != nil {
		return "", fmt.Errorf("planting %s: %w", m.name, err)
	}
	overlay = filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, text, 0o644); err != nil {
		return "", fmt.Errorf("planting %s: %w", m.name, err)
	}
	return overlay, nil
}
