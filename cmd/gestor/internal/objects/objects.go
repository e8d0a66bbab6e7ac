// Package objects is the local system's S3: gofakes3's protocol over a directory in which every acknowledged object
// survives a crash.
package objects

import (
	"bufio"
	"bytes"
	"crypto/md5" //nolint:gosec // an ETag of S3 is the MD5 of the object; nothing is protected by it
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/johannesboyne/gofakes3"

	"sence.gob.cl/gestor/cmd/gestor/internal/durable"
)

// Handler serves the buckets under dir, each made if it is missing, with the protocol of S3. now stamps the objects; cross tells
// which pages of elsewhere may ask for what of a bucket.
func Handler(dir string, buckets []string, now func() time.Time, cross func(bucket string) []Cross) (http.Handler, error) {
	s := &store{dir: dir, now: now}
	for _, name := range buckets {
		if err := os.MkdirAll(s.bucketDir(name), 0o700); err != nil {
			return nil, fmt.Errorf("objects: bucket %s: %w", name, err)
		}
	}
	// The age of a request is not judged: the SDK signs with the wall clock, which is not the local system's.
	fake := gofakes3.New(s, gofakes3.WithTimeSkewLimit(0), gofakes3.WithAutoBucket(false))
	return crossing(cross, s.once(overriding(fake.Server()))), nil
}

// overriding lets a request say how its answer is to be called, as S3 does in addresses that carry their own permission
// (response-content-disposition and the like); gofakes3 does not know these parameters.
func overriding(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		wanted := map[string]string{}
		for _, name := range []string{"Content-Disposition", "Content-Type", "Cache-Control"} {
			if value := q.Get("response-" + strings.ToLower(name)); value != "" && r.Method == http.MethodGet {
				wanted[name] = value
			}
		}
		if len(wanted) > 0 {
			w = &headed{ResponseWriter: w, change: func(h http.Header, status int) {
				if status == http.StatusOK || status == http.StatusPartialContent {
					for name, value := range wanted {
						h.Set(name, value)
					}
				}
			}}
		}
		next.ServeHTTP(w, r)
	})
}

// once refuses to write over an object where that is asked for (If-None-Match: *), which gofakes3 does not know either.
func (s *store) once(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		if r.Method == http.MethodPut && r.Header.Get("If-None-Match") == "*" {
			if _, err := os.Stat(s.file(bucket, key)); err == nil {
				w.Header().Set("Content-Type", "application/xml")
				w.WriteHeader(http.StatusPreconditionFailed)
				_, _ = io.WriteString(w, "<Error><Code>PreconditionFailed</Code></Error>")
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// headed is an answer whose headers are changed once, before anything of it is gone.
type headed struct {
	http.ResponseWriter
	change func(h http.Header, status int)
}

// WriteHeader implements http.ResponseWriter.
func (w *headed) WriteHeader(status int) {
	w.head(status)
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *headed) Write(p []byte) (int, error) {
	w.head(http.StatusOK)
	return w.ResponseWriter.Write(p)
}

func (w *headed) head(status int) {
	if w.change != nil {
		w.change(w.Header(), status)
		w.change = nil
	}
}

// store is gofakes3's backend: one directory for each bucket, one file for each object, a line of JSON before the
// content. File names are hashes, so keys may hold anything.
type store struct {
	dir string
	now func() time.Time
	// mu keeps a listing from meeting a file that is just being removed; single writes are atomic by themselves.
	mu sync.RWMutex
}

// header is the first line of an object's file.
type header struct {
	Key      string            `json:"key"`
	Metadata map[string]string `json:"metadata"`
	Size     int64             `json:"size"`
	MD5      []byte            `json:"md5"`
	At       time.Time         `json:"at"`
}

func (s *store) bucketDir(name string) string { return filepath.Join(s.dir, filepath.Base(name)) }

func (s *store) file(bucket, key string) string {
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(s.bucketDir(bucket), hex.EncodeToString(sum[:]))
}

// BucketExists implements gofakes3.Backend.
func (s *store) BucketExists(name string) (bool, error) {
	info, err := os.Stat(s.bucketDir(name))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return info.IsDir(), nil
}

func (s *store) mustExist(bucket string) error {
	ok, err := s.BucketExists(bucket)
	if err == nil && !ok {
		err = gofakes3.BucketNotFound(bucket)
	}
	return err
}

// ListBuckets implements gofakes3.Backend.
func (s *store) ListBuckets() ([]gofakes3.BucketInfo, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	var out []gofakes3.BucketInfo
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.IsDir() {
			out = append(out, gofakes3.BucketInfo{Name: e.Name(), CreationDate: gofakes3.NewContentTime(info.ModTime())})
		}
	}
	return out, nil
}

// PutObject implements gofakes3.Backend: the object is on disk when it returns.
func (s *store) PutObject(bucket, key string, meta map[string]string, input io.Reader, size int64) (gofakes3.PutObjectResult, error) {
	var none gofakes3.PutObjectResult
	if err := s.mustExist(bucket); err != nil {
		return none, err
	}
	body, err := gofakes3.ReadAll(input, size)
	if err != nil {
		return none, err
	}
	if promised := meta["X-Amz-Checksum-Sha256"]; promised != "" {
		if is := sha256.Sum256(body); promised != base64.StdEncoding.EncodeToString(is[:]) {
			return none, gofakes3.ErrBadDigest
		}
		delete(meta, "X-Amz-Checksum-Sha256") // of the whole: a part would be held against it
	}
	sum := md5.Sum(body) //nolint:gosec // as above
	first, err := json.Marshal(header{Key: key, Metadata: meta, Size: int64(len(body)), MD5: sum[:], At: s.now().UTC()})
	if err != nil {
		return none, err
	}
	return none, durable.WriteFile(s.file(bucket, key), slices.Concat(first, []byte{'\n'}, body))
}

// open reads an object's header and leaves the file at its content.
func (s *store) open(bucket, key string) (header, *os.File, error) {
	if err := s.mustExist(bucket); err != nil {
		return header{}, nil, err
	}
	f, err := os.Open(s.file(bucket, key))
	if errors.Is(err, os.ErrNotExist) {
		return header{}, nil, gofakes3.KeyNotFound(key)
	}
	if err != nil {
		return header{}, nil, err
	}
	h, start, err := readHeader(f)
	if err == nil {
		_, err = f.Seek(start, io.SeekStart)
	}
	if err != nil {
		return header{}, nil, errors.Join(err, f.Close())
	}
	return h, f, nil
}

func readHeader(r io.Reader) (header, int64, error) {
	line, err := bufio.NewReader(r).ReadBytes('\n')
	if err != nil {
		return header{}, 0, fmt.Errorf("objects: damaged object: %w", err)
	}
	var h header
	if err := json.Unmarshal(line, &h); err != nil {
		return header{}, 0, fmt.Errorf("objects: damaged object: %w", err)
	}
	return h, int64(len(line)), nil
}

func (h header) object() *gofakes3.Object {
	return &gofakes3.Object{
		Name: h.Key, Metadata: h.Metadata, Size: h.Size, Hash: h.MD5, Contents: io.NopCloser(bytes.NewReader(nil)),
	}
}

// GetObject implements gofakes3.Backend.
func (s *store) GetObject(bucket, key string, want *gofakes3.ObjectRangeRequest) (*gofakes3.Object, error) {
	h, f, err := s.open(bucket, key)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	part, err := want.Range(h.Size)
	if err != nil {
		return nil, err
	}
	start, length := int64(0), h.Size
	if part != nil {
		start, length = part.Start, part.Length
	}
	if _, err := f.Seek(start, io.SeekCurrent); err != nil {
		return nil, err
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(f, body); err != nil {
		return nil, fmt.Errorf("objects: damaged object: %w", err)
	}
	o := h.object()
	o.Range = part
	o.Contents = io.NopCloser(bytes.NewReader(body))
	return o, nil
}

// HeadObject implements gofakes3.Backend.
func (s *store) HeadObject(bucket, key string) (*gofakes3.Object, error) {
	h, f, err := s.open(bucket, key)
	if err != nil {
		return nil, err
	}
	return h.object(), f.Close()
}

// DeleteObject implements gofakes3.Backend; deleting what is not there succeeds, as in S3.
func (s *store) DeleteObject(bucket, key string) (gofakes3.ObjectDeleteResult, error) {
	var none gofakes3.ObjectDeleteResult
	if err := s.mustExist(bucket); err != nil {
		return none, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := os.Remove(s.file(bucket, key)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return none, err
	}
	return none, nil
}

// DeleteMulti implements gofakes3.Backend.
func (s *store) DeleteMulti(bucket string, keys ...string) (gofakes3.MultiDeleteResult, error) {
	var result gofakes3.MultiDeleteResult
	for _, key := range keys {
		if _, err := s.DeleteObject(bucket, key); err != nil {
			result.Error = append(result.Error, gofakes3.ErrorResult{Key: key, Code: gofakes3.ErrInternal, Message: "not deleted"})
			continue
		}
		result.Deleted = append(result.Deleted, gofakes3.ObjectID{Key: key})
	}
	return result, nil
}

// CopyObject implements gofakes3.Backend.
func (s *store) CopyObject(fromBucket, fromKey, toBucket, toKey string, meta map[string]string) (gofakes3.CopyObjectResult, error) {
	return gofakes3.CopyObject(s, fromBucket, fromKey, toBucket, toKey, meta)
}

// ListBucket implements gofakes3.Backend.
func (s *store) ListBucket(bucket string, prefix *gofakes3.Prefix, page gofakes3.ListBucketPage) (*gofakes3.ObjectList, error) {
	headers, err := s.headers(bucket)
	if err != nil {
		return nil, err
	}
	if prefix == nil {
		prefix = &gofakes3.Prefix{}
	}
	list := gofakes3.NewObjectList()
	folder := ""
	var counted int64
	for _, h := range headers {
		var match gofakes3.PrefixMatch
		if h.Key <= page.Marker || !prefix.Match(h.Key, &match) || (match.CommonPrefix && match.MatchedPart == folder) {
			continue
		}
		if page.MaxKeys > 0 && counted == page.MaxKeys {
			list.IsTruncated = true
			return list, nil
		}
		counted++
		list.NextMarker = h.Key
		if match.CommonPrefix {
			folder = match.MatchedPart
			list.AddPrefix(folder)
			continue
		}
		list.Add(&gofakes3.Content{
			Key: h.Key, LastModified: gofakes3.NewContentTime(h.At), ETag: `"` + hex.EncodeToString(h.MD5) + `"`, Size: h.Size,
		})
	}
	list.NextMarker = ""
	return list, nil
}

// headers reads every object's header, in the order of keys. Buckets here hold few objects: bodies over 900 KiB.
func (s *store) headers(bucket string) ([]header, error) {
	if err := s.mustExist(bucket); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	entries, err := os.ReadDir(s.bucketDir(bucket))
	if err != nil {
		return nil, err
	}
	var out []header
	for _, e := range entries {
		// A dot begins the name of a write that a crash cut short.
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		h, err := s.headerOf(filepath.Join(s.bucketDir(bucket), e.Name()))
		if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	slices.SortFunc(out, func(a, b header) int { return strings.Compare(a.Key, b.Key) })
	return out, nil
}

func (s *store) headerOf(path string) (header, error) {
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return header{}, err
	}
	h, _, err := readHeader(f)
	return h, errors.Join(err, f.Close())
}

// CreateBucket implements gofakes3.Backend; buckets come from the template alone.
func (s *store) CreateBucket(string) error { return gofakes3.ErrNotImplemented }

// DeleteBucket implements gofakes3.Backend; buckets come from the template alone.
func (s *store) DeleteBucket(string) error { return gofakes3.ErrNotImplemented }
