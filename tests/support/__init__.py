"""What the tests share: applications under real servers, the calls sent to them, spans recorded from them."""
