package media

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
)

// kept are the types of attachments that are kept. Nothing that a browser would run is among them: no HTML, no SVG, no
// script; whatever is shown to people is one of these and named so.
func kept() []string {
	return []string{
		"image/jpeg", "image/png", "image/gif", "image/webp",
		"video/mp4", "video/webm", "video/quicktime", "video/3gpp",
		"audio/mpeg", "audio/ogg", "audio/wave", "audio/aac", "audio/amr", "audio/mp4",
		"application/pdf", wordDocument, sheet, slides,
	}
}

// The documents of offices: archives whose first names tell what they are.
const (
	wordDocument = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	sheet        = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	slides       = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
)

// Sniff tells what the bytes are; false when they are nothing that is kept.
func Sniff(body []byte) (string, bool) {
	kind := brand(body)
	if kind == "" {
		kind, _, _ = strings.Cut(http.DetectContentType(body), ";")
	}
	switch kind {
	case "application/ogg":
		kind = "audio/ogg" // the networks' recorded speech
	case "application/zip":
		kind = office(body)
	}
	return kind, slices.Contains(kept(), kind)
}

// brand reads what the standard library's table does not: the boxes of films by their brand, and two ways to write sound.
func brand(body []byte) string {
	if len(body) >= 12 && string(body[4:8]) == "ftyp" {
		switch major := string(body[8:12]); {
		case major == "qt  ":
			return "video/quicktime"
		case strings.HasPrefix(major, "3gp"), strings.HasPrefix(major, "3g2"):
			return "video/3gpp"
		case strings.HasPrefix(major, "M4A"), strings.HasPrefix(major, "M4B"):
			return "audio/mp4"
		case slices.Contains([]string{"isom", "iso2", "iso4", "iso5", "iso6", "mp41", "mp42", "avc1", "dash", "MSNV", "M4V ", "M4VH", "M4VP"}, major):
			return "video/mp4"
		}
		return "application/octet-stream"
	}
	switch {
	case bytes.HasPrefix(body, []byte("#!AMR")):
		return "audio/amr"
	case len(body) > 2 && body[0] == 0xFF && body[1]&0xF6 == 0xF0:
		return "audio/aac" // ADTS: twelve bits set, layer 0
	case len(body) > 2 && body[0] == 0xFF && body[1]&0xE6 == 0xE2:
		return "audio/mpeg" // layer III without a tag before it
	}
	return ""
}

// office tells the document an archive is by the folder of its parts. The names of an archive's files stand in front of
// each of them and again at its end.
func office(body []byte) string {
	if !bytes.Contains(body, []byte("[Content_Types].xml")) || bytes.Contains(body, []byte("vbaProject.bin")) {
		return "application/zip"
	}
	switch {
	case bytes.Contains(body, []byte("word/document.xml")):
		return wordDocument
	case bytes.Contains(body, []byte("xl/workbook.xml")):
		return sheet
	case bytes.Contains(body, []byte("ppt/presentation.xml")):
		return slides
	}
	return "application/zip"
}
