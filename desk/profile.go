package desk

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pelletier/go-toml/v2"
)

// DefaultAPI is where hustings run and hustings demo serve the API.
const DefaultAPI = "http://127.0.0.1:8080"

// profile is who trades and where, as it is kept between commands.
type profile struct {
	API  []string `toml:"api,omitempty"`
	Name string   `toml:"name,omitempty"`
	Key  string   `toml:"key,omitempty"` // an API key or a session's secret
}

// profilePath is where the profile is kept.
func profilePath() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("finding the place of the profile: %w", err)
	}
	return filepath.Join(dir, "hustings", "config.toml"), nil
}

// readProfile reads the profile strictly. One that is not there is empty. Shared says that others on this machine can
// read it.
func readProfile(path string) (p profile, shared bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, false, nil
	}
	if err != nil {
		return p, false, fmt.Errorf("reading the profile: %w", err)
	}
	d := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		var strict *toml.StrictMissingError
		if errors.As(err, &strict) {
			return p, false, fmt.Errorf("%s: there is no such setting; there are api, name and key\n%s", path, strict.String())
		}
		return p, false, fmt.Errorf("%s: %w", path, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return p, false, fmt.Errorf("reading the profile: %w", err)
	}
	return p, p.Key != "" && info.Mode().Perm()&0o077 != 0, nil
}

// writeProfile replaces the profile. Nobody but its owner can read it.
func writeProfile(path string, p profile) error {
	text, err := toml.Marshal(p)
	if err != nil {
		return fmt.Errorf("writing the profile: %w", err)
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("writing the profile: %w", err)
	}
	f, err := os.CreateTemp(dir, "config-*.toml") // 0600
	if err != nil {
		return fmt.Errorf("writing the profile: %w", err)
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing the profile: %w", err), os.Remove(f.Name()))
	}
	return nil
}
