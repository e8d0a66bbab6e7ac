package sim

import (
	"net/http"
	"strconv"
	"time"
)

// linkView is one network on the page of connections.
type linkView struct {
	Name    string
	Title   string
	Account string
	Keys    []tokenView
	States  []string
	Sub     subView
	Use     quota
	Percent int
	Acts    int
	IsX     bool
	Shared  bool // its subscription is the page's
}

type linksView struct{ Links []linkView }

// pageLinks shows how the accounts are connected, and lets a person break that.
func (s *Simulator) pageLinks(w http.ResponseWriter, r *http.Request) {
	var view linksView
	for _, network := range []string{targetFacebook, targetInstagram, targetX, targetLinkedIn, targetWhatsApp} {
		v := linkView{
			Name: network, Title: targetName(network), Account: s.account(network), Keys: s.tokensOf(network), States: tokenStates(network),
			Sub: s.subscriptionOf(network), Use: s.useOf(network), IsX: network == targetX, Shared: network == targetInstagram,
		}
		v.Percent = int(v.Use.Share*100 + 0.5)
		s.read(func(w *world) {
			for _, a := range w.acts {
				if a.Network == network {
					v.Acts++
				}
			}
		})
		view.Links = append(view.Links, v)
	}
	s.show(w, r, http.StatusOK, "conexiones", "Conexiones", view)
}

// tokenStateName is a state of keys as a person reads it.
func tokenStateName(state string) string {
	switch state {
	case tokenRevoked:
		return "el acceso fue quitado"
	case tokenStale:
		return "las claves vencieron"
	case tokenDemoted:
		return "la persona ya no administra la página"
	}
	return "claves vigentes"
}

// tokenName is a state of keys as a button calls it.
func tokenName(state string) string {
	switch state {
	case tokenRevoked:
		return "Quitar el acceso"
	case tokenStale:
		return "Vencer las claves"
	case tokenDemoted:
		return "Quitar el rol de administradora"
	}
	return "Dejar todo bien"
}

func (s *Simulator) formToken(w http.ResponseWriter, r *http.Request) {
	network := r.PathValue("network")
	v, err := form(r)
	if err == nil {
		err = known(network)
	}
	o := tokenOrder{State: v.Get("state"), Account: v.Get("account")}
	if err == nil && v.Get("until") != "" {
		if o.Until, err = time.ParseInLocation("2006-01-02T15:04", v.Get("until"), s.cal.Zone()); err != nil {
			err = invalid("Escribe la fecha y la hora en que vencen las claves.")
		}
	}
	if err == nil {
		err = s.setToken(network, o)
	}
	s.back(w, r, err, "/conexiones#r-"+network, "conexion", nil)
}

func (s *Simulator) formSubscription(w http.ResponseWriter, r *http.Request) {
	network := r.PathValue("network")
	v, err := form(r)
	if err == nil {
		err = known(network)
	}
	if err == nil {
		err = s.setSubscription(network, subOrder{State: v.Get("state")})
	}
	s.back(w, r, err, "/conexiones#r-"+network, "conexion", nil)
}

func (s *Simulator) formUsage(w http.ResponseWriter, r *http.Request) {
	network := r.PathValue("network")
	v, err := form(r)
	if err == nil {
		err = known(network)
	}
	var percent, minutes int
	if err == nil {
		var bad, worse error
		percent, bad = strconv.Atoi(v.Get("percent"))
		minutes, worse = strconv.Atoi(v.Get("minutes"))
		if bad != nil || worse != nil {
			err = invalid("Escribe el porcentaje y los minutos como números enteros.")
		}
	}
	if err == nil {
		err = s.setUsage(network, usageOrder{Share: float64(percent) / 100, Minutes: minutes})
	}
	s.back(w, r, err, "/conexiones#r-"+network, "conexion", nil)
}

// pageMedium shows a medium on our own pages, to whoever looks at them.
func (s *Simulator) pageMedium(w http.ResponseWriter, r *http.Request) {
	var m medium
	var it *item
	s.read(func(w *world) { m, it = w.mediumOf(r.PathValue("id")) })
	if it == nil || it.Removed {
		s.show(w, r, http.StatusNotFound, "error", "No existe", problemView{"Ese adjunto no existe en el simulador.", "/"})
		return
	}
	s.writeMedium(w, r, m)
}

// helpView is what the page of help lists.
type helpView struct {
	Modes    []modeHelp
	Troubles []trouble
	Calls    []callHelp
}

type modeHelp struct{ Mode, Name, Targets string }

type callHelp struct{ Call, Says string }

// pageHelp lists the faults, the telephones that meet an error, and how tests drive the simulator.
func (s *Simulator) pageHelp(w http.ResponseWriter, r *http.Request) {
	view := helpView{Troubles: troubles(), Calls: calls4tests()}
	for _, mode := range modes() {
		targets := ""
		for _, target := range []string{targetFacebook, targetInstagram, targetX, targetLinkedIn, targetWhatsApp, targetSiac} {
			if fits(target, mode) {
				if targets != "" {
					targets += ", "
				}
				targets += target
			}
		}
		view.Modes = append(view.Modes, modeHelp{mode, modeName(mode), targets})
	}
	s.show(w, r, http.StatusOK, "ayuda", "Ayuda", view)
}

// calls4tests are the calls by which tests drive the simulator.
func calls4tests() []callHelp {
	return []callHelp{
		{`POST /sim/{red}/messages {"author","name","text","kind","thread","media":["image"],"own":true}`, "Escribe como una persona; con own, como SENCE desde la app de la red."},
		{`PATCH, DELETE /sim/{red}/messages/{id}`, "Cambia o borra un texto; con own, uno de SENCE."},
		{`GET /sim/{red}/sent`, "Lo que publicó el gestor."},
		{`GET, POST /sim/{red}/acts {"id","verb"}`, "Lo que se ocultó, marcó o borró; y hacerlo desde la app."},
		{`GET, POST /sim/{red}/token {"state":"ok|revoked|expired","missing":["permiso"],"until":"…"}`, "Las claves de la cuenta y cuántas veces se renovaron. En linkedin también demoted."},
		{`POST /sim/{red}/consent {"url","accounts":[],"without":[],"no":true}`, "Contesta por la persona a la que se le pide permiso."},
		{`GET, POST /sim/{red}/subscription {"state":"ok|gone","until":"…"}`, "Si la red avisa. En x también invalid."},
		{`GET, POST /sim/{red}/usage {"share":0.8,"step":0.01,"minutes":15}`, "Cuánto de la cuota está usado."},
		{`GET, POST, DELETE /sim/faults {"target","mode","rate","count","seed","ms","reads"}`, "Las fallas. Golpean escrituras; con reads también lecturas."},
		{`GET, POST /sim/clock {"step":"10m|1h|habil"}`, "El reloj del sistema local."},
		{`GET /sim/deliveries, POST /sim/deliveries/retry`, "Los avisos que faltan."},
	}
}
