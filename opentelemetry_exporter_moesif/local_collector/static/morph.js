// Makes an element look like another one, and keeps every node that can stay: so focus, selection and scroll stay too.

export function morph(old, fresh) {
  morphAttributes(old, fresh);
  if ("keep" in old.dataset) return; // drawn by a script, from the attributes
  const named = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
  let place = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const known = wanted.id ? named.get(wanted.id) : undefined;
    if (known) {
      if (known === place) place = place.nextSibling;
      else old.insertBefore(known, place);
      morph(known, wanted);
    } else if (canBecome(place, wanted)) {
      const next = place.nextSibling;
      become(place, wanted);
      place = next;
    } else {
      const added = document.importNode(wanted, true);
      if (wanted.nodeName === "TR") added.classList.add("arrived");
      old.insertBefore(added, place);
    }
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function canBecome(node, wanted) {
  return node && node.nodeName === wanted.nodeName && !node.id && !wanted.id;
}

function become(node, wanted) {
  if (node.nodeType === Node.ELEMENT_NODE) morph(node, wanted);
  else if (node.nodeValue !== wanted.nodeValue) node.nodeValue = wanted.nodeValue;
}

// What the reader opened stays open: `open` and `aria-expanded` are theirs.
function morphAttributes(old, fresh) {
  for (const { name, value } of [...fresh.attributes]) {
    if (name !== "aria-expanded" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
}
