#include "tests/cli/made_workbook.hpp"

#include <zip.h>
#include <stdexcept>

namespace annexa::test {
namespace {

constexpr const char* main_namespace = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
constexpr const char* relations_of_package = "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"";

std::string relation(const std::string& id, const std::string& type, const std::string& target) {
    return "<Relationship Id=\"" + id +
           "\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/" + type + "\" Target=\"" +
           target + "\"/>";
}

}  // namespace

std::string zip_of(const Parts& parts) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
    zip_t* archive = zip_open_from_source(target, ZIP_CREATE | ZIP_TRUNCATE, &error);
    if (archive == nullptr) throw std::runtime_error("no archive can be made");
    zip_source_keep(target);
    for (const auto& [name, content] : parts) {
        zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
        const zip_int64_t index =
            source != nullptr ? zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8) : -1;
        if (index < 0) throw std::runtime_error("the part " + name + " cannot be added");
        if (name == "mimetype")  // as OpenDocument wants it, to be found by its bytes
            zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0);
    }
    if (zip_close(archive) != 0) throw std::runtime_error("the archive cannot be written");
    if (zip_source_open(target) != 0) throw std::runtime_error("the archive cannot be read");
    zip_stat_t stat;
    zip_source_stat(target, &stat);
    std::string bytes(stat.size, '\0');
    zip_source_read(target, bytes.data(), bytes.size());
    zip_source_close(target);
    zip_source_free(target);
    return bytes;
}

Parts MadeWorkbook::parts() const {
    const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    return {
        {"_rels/.rels", head + "<Relationships " + relations_of_package + ">" +
                            relation("rId1", "officeDocument", "xl/workbook.xml") + "</Relationships>"},
        {"xl/_rels/workbook.xml.rels", head + "<Relationships " + relations_of_package + ">" +
                                           relation("rId1", "worksheet", "worksheets/sheet1.xml") +
                                           relation("rId2", "sharedStrings", "/xl/sharedStrings.xml") +
                                           relation("rId3", "styles", "./styles.xml") +
                                           relation("rId4", "worksheet", "worksheets/sheet2.xml") + "</Relationships>"},
        {"xl/workbook.xml", head + "<workbook " + main_namespace +
                                " xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">" +
                                "<workbookPr " + properties + "/><sheets>" +
                                "<sheet name=\"Hidden\" sheetId=\"2\" state=\"hidden\" r:id=\"rId4\"/>" +
                                "<sheet name=\"Risks\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"},
        {"xl/sharedStrings.xml", head + "<sst " + main_namespace + ">" + strings + "</sst>"},
        {"xl/styles.xml", head + "<styleSheet " + main_namespace + ">" + styles + "</styleSheet>"},
        {"xl/worksheets/sheet1.xml", head + prolog + "<worksheet " + main_namespace + ">" + sheet + "</worksheet>"},
        {"xl/worksheets/sheet2.xml",
         head + "<worksheet " + main_namespace + ">" +
             data("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>unseen</t></is></c></row>") + "</worksheet>"},
    };
}

}  // namespace annexa::test
