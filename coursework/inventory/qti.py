"""The inventory as a QTI 1.2 content package.

Written here and not by text2qti 0.8 (BSD-3), which was tried: it names
questions and answers by hashes of their text, so that results could not be
traced to beliefs, it writes Canvas's own files beside the standard's, and it
would add two packages. Multiple choice takes the few elements below.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

from coursework.inventory.forms import LETTERS, Form, Item
from coursework.inventory.text import block, inline

QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
RESPONSE = "response1"
FULL = "100"
STAMP = (1980, 1, 1, 0, 0, 0)  # the same input gives the same bytes


def assessment(form: Form) -> ET.Element:
    """Write a form as QTI 1.2 (IMS ASI information model, 1.2.1).

    Args:
        form: The form; options stay in its order.

    Returns:
        The root, ``questestinterop``.
    """
    root = ET.Element("questestinterop", xmlns=QTI)
    whole = ET.SubElement(
        root, "assessment", ident=identifier(form), title=title(form)
    )
    _metadata(whole, {"cc_maxattempts": "1"})
    section = ET.SubElement(whole, "section", ident="root_section")
    for item in form.items:
        _item(section, item)
    return root


def manifest(form: Form) -> ET.Element:
    """Write the package's table of contents, imsmanifest.xml."""
    name = identifier(form)
    root = ET.Element("manifest", xmlns=PACKAGE, identifier=f"{name}-package")
    metadata = ET.SubElement(root, "metadata")
    ET.SubElement(metadata, "schema").text = "IMS Content"
    ET.SubElement(metadata, "schemaversion").text = "1.1.3"
    ET.SubElement(root, "organizations")
    resources = ET.SubElement(root, "resources")
    path = _path(form)
    resource = ET.SubElement(
        resources,
        "resource",
        identifier=name,
        type="imsqti_xmlv1p2",
        href=path,
    )
    ET.SubElement(resource, "file", href=path)
    return root


def write(form: Form, path: Path) -> None:
    """Write the package.

    Args:
        form: What to export.
        path: The .zip; replaced if it is there.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, root in (
            ("imsmanifest.xml", manifest(form)),
            (_path(form), assessment(form)),
        ):
            entry = zipfile.ZipInfo(name, STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, as_bytes(root))
    path.write_bytes(buffer.getvalue())


def as_bytes(root: ET.Element) -> bytes:
    """Give a document in UTF-8 with its declaration."""
    ET.indent(root)
    written = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return bytes(written) + b"\n"


def identifier(form: Form) -> str:
    """Name a form within a learning-management system."""
    version = form.inventory.version
    return f"concept-inventory-v{version}-{form.name.lower()}"


def title(form: Form) -> str:
    """Give the title that the system shows."""
    return f"{form.inventory.title}, form {form.name}"


def _path(form: Form) -> str:
    name = identifier(form)
    return f"{name}/{name}.xml"


def _item(section: ET.Element, item: Item) -> None:
    key = item.question.key
    root = ET.SubElement(
        section, "item", ident=key, title=f"Question {item.number}"
    )
    _metadata(
        ET.SubElement(root, "itemmetadata"),
        {
            "cc_profile": "cc.multiple_choice.v0p1",  # Common Cartridge
            "question_type": "multiple_choice_question",  # Canvas
            "points_possible": "1",
        },
    )
    presentation = ET.SubElement(root, "presentation")
    _material(presentation, block(item.question.stem))
    response = ET.SubElement(
        presentation, "response_lid", ident=RESPONSE, rcardinality="Single"
    )
    choices = ET.SubElement(response, "render_choice", shuffle="No")
    for letter, option in zip(LETTERS, item.options, strict=True):
        label = ET.SubElement(
            choices, "response_label", ident=f"{key}_{letter}"
        )
        _material(label, inline(option.text))
    _scoring(root, f"{key}_{item.right}")


def _scoring(root: ET.Element, right: str) -> None:
    processing = ET.SubElement(root, "resprocessing")
    outcomes = ET.SubElement(processing, "outcomes")
    ET.SubElement(
        outcomes,
        "decvar",
        varname="SCORE",
        vartype="Decimal",
        minvalue="0",
        maxvalue=FULL,
    )
    condition = ET.SubElement(processing, "respcondition", {"continue": "No"})
    test = ET.SubElement(condition, "conditionvar")
    ET.SubElement(test, "varequal", respident=RESPONSE).text = right
    ET.SubElement(
        condition, "setvar", action="Set", varname="SCORE"
    ).text = FULL


def _metadata(parent: ET.Element, fields: dict[str, str]) -> None:
    metadata = ET.SubElement(parent, "qtimetadata")
    for label, entry in fields.items():
        field = ET.SubElement(metadata, "qtimetadatafield")
        ET.SubElement(field, "fieldlabel").text = label
        ET.SubElement(field, "fieldentry").text = entry


def _material(parent: ET.Element, html: str) -> None:
    material = ET.SubElement(parent, "material")
    ET.SubElement(material, "mattext", texttype="text/html").text = html
