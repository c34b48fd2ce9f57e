package sip

import (
	"sync"

	"github.com/laoyou/laoyou/internal/voip"
)

// spoken knows the citizens who are on the line, by contact: the desk asks what they speak before an agent's browser is connected.
type spoken struct {
	mu   sync.Mutex
	legs map[string]*voip.Leg
}

func (s *spoken) add(contact string, leg *voip.Leg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.legs == nil {
		s.legs = map[string]*voip.Leg{}
	}
	s.legs[contact] = leg
}

// remove forgets a leg, unless the contact has another by now.
func (s *spoken) remove(contact string, leg *voip.Leg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.legs[contact] == leg {
		delete(s.legs, contact)
	}
}

// SpeaksOpus says whether the citizen of a contact does, so that packets can pass between the two as they are. Whoever is not on the line
// yet is a booth of ours that will be called, and may.
func (s *Server) SpeaksOpus(contact string) bool {
	s.spoken.mu.Lock()
	leg := s.spoken.legs[contact]
	s.spoken.mu.Unlock()
	return leg == nil || leg.Media().Codec() == voip.Opus
}
