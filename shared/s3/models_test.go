package s3_test

import (
	"net/http"
	"testing"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/s3"
)

// Models have a place of their own in the bucket that they share.
func TestModels(t *testing.T) {
	api := start(t, nil)
	m := s3.NewModels(api, "raw")
	if _, err := m.Get(t.Context(), "aa"); !fault.Is(err, fault.NotFound) {
		t.Errorf("nothing: %v", err)
	}
	if err := m.Put(t.Context(), "aa", []byte("GESTORC1")); err != nil {
		t.Fatal(err)
	}
	if got, err := m.Get(t.Context(), "aa"); err != nil || string(got) != "GESTORC1" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := s3.New(api, "raw").Get(t.Context(), "models/aa"); err != nil || string(got) != "GESTORC1" {
		t.Errorf("lies elsewhere: %q, %v", got, err)
	}
	busy := s3.NewModels(start(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }), "raw")
	if _, err := busy.Get(t.Context(), "aa"); !fault.Is(err, fault.Transient) {
		t.Errorf("busy: %v", err)
	}
}
