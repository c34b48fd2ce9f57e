package api

import (
	"net/http"
	"reflect"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/httpapi"
)

// boothRoutes are what a booth asks about itself.
func (s *Server) boothRoutes() []route {
	return []route{{
		method: http.MethodGet, path: httpapi.PathBooth, id: "booth", summary: "Who this booth is and where its voice line goes",
		access: booth, result: reflect.TypeFor[httpapi.Booth](), status: http.StatusOK,
		errors: []tool.ErrorKind{httpapi.Unauthenticated, tool.Unavailable}, handle: s.booth,
	}}
}

func (s *Server) booth(w http.ResponseWriter, r *http.Request) {
	address := s.deps.SIP()
	if address == "" {
		fail(w, refuse(tool.Unavailable, "", "the voice line is not up"))
		return
	}
	answer(w, http.StatusOK, httpapi.Booth{ID: caller(r).booth, SIP: address})
}
