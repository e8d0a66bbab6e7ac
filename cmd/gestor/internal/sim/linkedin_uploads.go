package sim

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// dmsUploads is where LinkedIn takes bytes: of a picture with a key, of the parts of a video from everybody who knows where.
const (
	dmsUploads = "/linkedin-api/dms-uploads/"
	dmsPart    = 4 << 20
)

// linkedinBegin is POST /rest/images?action=initializeUpload and POST /rest/videos?action=initializeUpload, and finalizeUpload.
func (s *Simulator) linkedinBegin(w http.ResponseWriter, r *http.Request, kind string) {
	var in struct {
		Begin struct {
			Owner string `json:"owner"`
			Size  int64  `json:"fileSizeBytes"`
		} `json:"initializeUploadRequest"`
		End linkedinEnd `json:"finalizeUploadRequest"`
	}
	n, _ := networkOf(targetLinkedIn)
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, bodyLimit))
	action := r.URL.Query().Get("action")
	switch {
	case err != nil || json.Unmarshal(body, &in) != nil:
		writeLinkedInError(w, &linkedinError{http.StatusBadRequest, 0, "BAD_REQUEST", "The request body cannot be read"})
		return
	case action == "finalizeUpload" && kind == mediaVideo:
		s.linkedinFinalize(w, in.End)
		return
	case action != "initializeUpload":
		writeLinkedInError(w, noResource())
		return
	case in.Begin.Owner != n.Account:
		writeLinkedInError(w, &linkedinError{http.StatusForbidden, 100, "ACCESS_DENIED", "Accessing this resource is forbidden. Please check your permissions"})
		return
	case kind == mediaVideo && (in.Begin.Size < 1 || in.Begin.Size > 500<<20):
		writeLinkedInError(w, linkedinInvalid("fileSizeBytes is invalid"))
		return
	}
	var d draft
	err = s.commit(func(t *tx) error {
		d = draft{Network: targetLinkedIn, Size: in.Begin.Size, At: t.now.UTC()}
		d.ID = "urn:li:" + kind + ":D4D22AQ" + token(kind+strconv.Itoa(t.w.serial+len(t.w.drafts))+d.At.String(), 12)
		// A colon would have to be escaped in an address.
		d.Media = []medium{{ID: strings.ReplaceAll(d.ID, ":", "-"), Type: kind, At: d.At}}
		t.add(change{Draft: &d})
		return nil
	})
	if err != nil {
		writeLinkedInError(w, err)
		return
	}
	until := d.At.Add(draftLives).UnixMilli()
	home := "http://" + r.Host + dmsUploads + d.ID + "/"
	if kind == mediaImage {
		writeJSON(w, http.StatusOK, obj{"value": obj{"uploadUrlExpiresAt": until, "uploadUrl": home + "0?ca=vector_feedshare&cn=uploads", "image": d.ID}})
		return
	}
	parts := []obj{}
	for from := int64(0); from < d.Size; from += dmsPart {
		address := home + strconv.Itoa(len(parts)) + "?sau=" + token(d.ID, 8)
		parts = append(parts, obj{"uploadUrl": address, "firstByte": from, "lastByte": min(from+dmsPart, d.Size) - 1})
	}
	writeJSON(w, http.StatusOK, obj{"value": obj{"uploadUrlsExpireAt": until, "video": d.ID, "uploadInstructions": parts, "uploadToken": token("fin"+d.ID, 12)}})
}

// linkedinPut takes bytes. A picture is whole with them.
func (s *Simulator) linkedinPut(w http.ResponseWriter, r *http.Request) {
	id, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, dmsUploads), "/")
	part, err := strconv.Atoi(rest)
	d := s.uploaded(targetLinkedIn, id)
	switch {
	case d == nil || err != nil || part < 0 || r.Method != http.MethodPut || d.film() && r.URL.Query().Get("sau") != token(d.ID, 8):
		http.Error(w, "Not Found", http.StatusNotFound)
		return
	case d.film() == (r.Header.Get("Authorization") != ""):
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
		return
	case d.whole(): // again
		w.WriteHeader(http.StatusCreated)
		return
	}
	size, err := s.keepPart(d.ID, part, http.MaxBytesReader(nil, r.Body, uploadLimit))
	switch {
	case err != nil, size == 0, d.film() && size != min(dmsPart, d.Size-int64(part)*dmsPart):
		http.Error(w, "Bad Request", http.StatusBadRequest)
		return
	case d.film():
		w.Header().Set("Etag", `"`+token(d.ID+rest, 16)+`"`)
		w.WriteHeader(http.StatusOK)
		return
	}
	if err := s.linkedinWhole(d); err != nil {
		writeLinkedInError(w, err)
		return
	}
	w.WriteHeader(http.StatusCreated)
}

// linkedinWhole puts what was brought together. What is not what it was said to be shows later.
func (s *Simulator) linkedinWhole(d *draft) error {
	m, _, err := s.joined(d)
	if err != nil {
		return err
	}
	d.Spoiled = !strings.HasPrefix(m.Mime, m.Type+"/")
	d.Media = []medium{m}
	return s.commit(func(t *tx) error {
		d.At = t.now.UTC()
		t.add(change{Draft: d})
		return nil
	})
}

// linkedinEnd says that a video is whole.
type linkedinEnd struct {
	Video string   `json:"video"`
	Token string   `json:"uploadToken"`
	Parts []string `json:"uploadedPartIds"`
}

func (s *Simulator) linkedinFinalize(w http.ResponseWriter, end linkedinEnd) {
	d := s.uploaded(targetLinkedIn, end.Video)
	var err error
	switch {
	case d == nil:
		err = noResource()
	case d.whole(): // again
	case end.Token != token("fin"+d.ID, 12) || int64(len(end.Parts)) != (d.Size+dmsPart-1)/dmsPart:
		err = linkedinInvalid("uploadToken or uploadedPartIds is invalid")
	default:
		for i, tag := range end.Parts {
			if tag != token(d.ID+strconv.Itoa(i), 16) {
				err = linkedinInvalid("uploadedPartIds is invalid")
			}
		}
		if err == nil {
			err = s.linkedinWhole(d)
		}
	}
	if err != nil {
		writeLinkedInError(w, err)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// linkedinBrought is GET /rest/images/{urn} and GET /rest/videos/{urn}.
func (s *Simulator) linkedinBrought(w http.ResponseWriter, urn string) {
	d := s.uploaded(targetLinkedIn, urn)
	if d == nil {
		writeLinkedInError(w, noResource())
		return
	}
	n, _ := networkOf(targetLinkedIn)
	status, now := "WAITING_UPLOAD", s.cfg.Clock()
	switch {
	case d.whole() && !d.worked(now):
		status = "PROCESSING"
	case d.whole() && d.Spoiled:
		status = "PROCESSING_FAILED"
	case d.whole():
		status = "AVAILABLE"
	}
	writeJSON(w, http.StatusOK, obj{"id": d.ID, "owner": n.Account, "status": status})
}
