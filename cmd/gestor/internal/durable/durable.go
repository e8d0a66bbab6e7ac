// Package durable replaces small files so that a crash leaves the old content or the new one, never a mixture.
package durable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// WriteFile puts data under path, readable by the owner only. When it returns nil, the content survives a power cut; when
// it returns an error, the old content still stands. The directory must exist.
func WriteFile(path string, data []byte) error {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("durable.WriteFile: %w", err)
	}
	if err := fill(tmp, data); err != nil {
		return errors.Join(fmt.Errorf("durable.WriteFile: %w", err), os.Remove(tmp.Name()))
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return errors.Join(fmt.Errorf("durable.WriteFile: %w", err), os.Remove(tmp.Name()))
	}
	if err := syncDir(dir); err != nil {
		return fmt.Errorf("durable.WriteFile: %w", err)
	}
	return nil
}

func fill(file *os.File, data []byte) error {
	if _, err := file.Write(data); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := file.Sync(); err != nil {
		return errors.Join(err, file.Close())
	}
	return file.Close()
}

// syncDir makes the rename itself durable: a new name lives in the directory, not in the file.
func syncDir(dir string) error {
	d, err := os.Open(filepath.Clean(dir))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
