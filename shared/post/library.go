package post

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sence.gob.cl/gestor/shared/fault"
)

// FileState is where a file of the library stands; stored and spoken of by its name.
type FileState string

// The states of a file.
const (
	FileWaiting FileState = "waiting" // its bytes are on their way into storage
	FileReady   FileState = "ready"   // it can be published
	FileRefused FileState = "refused" // its bytes were looked at and not kept, see Reason
	FileRemoved FileState = "removed" // taken out of the library; remembered for a while, shown to nobody
)

// Known reports whether the state exists.
func (s FileState) Known() bool {
	switch s {
	case FileWaiting, FileReady, FileRefused, FileRemoved:
		return true
	default:
		return false
	}
}

// LibraryFile is a picture or video of ours that posts may carry. Alt is what it shows, in words, unless a post says it
// differently. While it waits, File holds only the size that was announced; from then on all of it is read from its bytes. Sum is
// the SHA-256 of those in hexadecimal, empty where nobody computed it. Reason is why it was refused, in Spanish.
type LibraryFile struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Alt  string `json:"alt,omitempty"`
	File
	Sum     string    `json:"sum,omitempty"`
	By      string    `json:"by"`
	ByName  string    `json:"byName,omitempty"`
	At      time.Time `json:"at"`
	State   FileState `json:"state"`
	Reason  string    `json:"reason,omitempty"`
	Rev     int       `json:"rev"`
	Expires time.Time `json:"-"`
}

// What the library takes at most. The networks' own limits are narrower and depend on the network (Rules).
const (
	MaxImageBytes = 30 << 20
	MaxGIFBytes   = 15 << 20
	MaxVideoBytes = 1 << 30
	// MaxSide and MaxPixels are far beyond what any network takes: what says of itself that it is larger was made to hurt whoever
	// opens it.
	MaxSide   = 20_000
	MaxPixels = 100_000_000
	// MaxVideoMillis is the longest a network takes: Facebook, four hours.
	MaxVideoMillis = 4 * 60 * 60 * 1000

	maxFileName = 120
	// endedLife is how long a file that was refused or removed is remembered.
	endedLife = 30 * 24 * time.Hour
)

// Announced checks the size somebody announces for a file, before any byte of it came: no more than the largest there is.
func Announced(size int64) error {
	const op = "post.Announced"
	switch {
	case size <= 0:
		return fault.Reject(op, "size", "El archivo está vacío.")
	case size > MaxVideoBytes:
		return fault.Reject(op, "size", "El archivo puede pesar hasta 1 GB.")
	default:
		return nil
	}
}

// Fits checks what is known of a file against what the library takes.
func (f File) Fits() error {
	const op = "post.File.Fits"
	most, says := int64(0), ""
	switch f.Kind {
	case Image:
		most, says = MaxImageBytes, "Una imagen puede pesar hasta 30 MB."
	case GIF:
		most, says = MaxGIFBytes, "Un GIF animado puede pesar hasta 15 MB."
	case Video:
		most, says = MaxVideoBytes, "Un video puede pesar hasta 1 GB."
	default:
		return fault.Reject(op, "file", "El archivo tiene que ser una imagen JPEG, PNG, GIF o WebP, o un video MP4 o MOV.")
	}
	switch {
	case f.Size > most:
		return fault.Reject(op, "file", says)
	case f.Width <= 0 || f.Height <= 0:
		return fault.Reject(op, "file", "El archivo no dice qué ancho y alto tiene. Guárdalo de nuevo y súbelo otra vez.")
	case max(f.Width, f.Height) > MaxSide, f.Width*f.Height > MaxPixels:
		return fault.Reject(op, "file", fmt.Sprintf("Mide %d × %d píxeles: es demasiado. Redúcelo y súbelo otra vez.", f.Width, f.Height))
	case f.Kind == Video:
		return f.lasts()
	default:
		return nil
	}
}

// lasts checks how long a video lasts.
func (f File) lasts() error {
	const op = "post.File.Fits"
	switch {
	case f.Millis <= 0:
		return fault.Reject(op, "file", "El video no dice cuánto dura. Guárdalo de nuevo como MP4 y súbelo otra vez.")
	case f.Millis > MaxVideoMillis:
		return fault.Reject(op, "file", "El video puede durar hasta 4 horas.")
	default:
		return nil
	}
}

// NewLibraryFile is a file whose bytes are still to come, of the size announced.
func NewLibraryFile(id, name string, size int64, by, byName string, now time.Time) LibraryFile {
	return LibraryFile{
		ID: id, Name: fileName(name), File: File{Size: size}, By: by, ByName: byName, At: now.UTC(), State: FileWaiting, Rev: 1,
	}
}

// Ready is the file once its bytes said what it is.
func (l LibraryFile) Ready(f File, sum string) LibraryFile {
	l.File, l.Sum, l.State, l.Rev = f, sum, FileReady, l.Rev+1
	return l
}

// Refuse is the file once its bytes said that it is none we take.
func (l LibraryFile) Refuse(reason string, now time.Time) LibraryFile {
	l.Sum = "" // only announced: it may be another file's
	l.State, l.Reason, l.Rev, l.Expires = FileRefused, reason, l.Rev+1, now.Add(endedLife).UTC().Truncate(time.Second)
	return l
}

// Remove takes the file out of the library.
func (l LibraryFile) Remove(now time.Time) LibraryFile {
	if l.State != FileReady {
		l.Sum = ""
	}
	l.State, l.Rev, l.Expires = FileRemoved, l.Rev+1, now.Add(endedLife).UTC().Truncate(time.Second)
	return l
}

// Describe gives the file another name or description; what is nil stays.
func (l LibraryFile) Describe(name, alt *string) (LibraryFile, error) {
	const op = "post.LibraryFile.Describe"
	if name != nil {
		if l.Name = fileName(*name); strings.TrimSpace(*name) == "" {
			return l, fault.Reject(op, "name", "Ponle un nombre al archivo.")
		}
	}
	if alt != nil {
		if l.Alt = strings.TrimSpace(*alt); utf8.RuneCountInString(l.Alt) > MaxAlt {
			return l, fault.Reject(op, "alt", "La descripción puede tener hasta 1.000 caracteres.")
		}
	}
	l.Rev++
	return l, nil
}

// fileName makes a name that can stand anywhere: the last part of a path, without what cannot be seen, not too long.
func fileName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if runes := []rune(strings.TrimSpace(name)); len(runes) > maxFileName {
		name = string(runes[:maxFileName])
	}
	if name = strings.TrimSpace(name); name == "" {
		return "Sin nombre"
	}
	return name
}

// Upload says how the bytes of a file are brought into storage: the request to make, with exactly these headers.
type Upload struct {
	URL     string            `json:"url"`
	Method  string            `json:"method"`
	Headers map[string]string `json:"headers"`
}

// Carries reports whether the file hangs on the content, for all networks or for one.
func (c Content) Carries(file string) bool {
	is := func(a Attached) bool { return a.ID == file }
	if slices.ContainsFunc(c.Media, is) {
		return true
	}
	for _, v := range c.Variants {
		if v.Media != nil && slices.ContainsFunc(*v.Media, is) {
			return true
		}
	}
	return false
}
